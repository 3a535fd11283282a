"""What is earned: eligibility, approval, certificates, sealing and verification."""
