"""What prepares the servers once: passwords, indices, what Kibana shows."""
