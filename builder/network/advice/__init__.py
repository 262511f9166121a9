"""What hurts or could be better in a drawing: one small file a group of rules, each rule found by existing."""
