// Stands in for ssh2: docker-modem loads it for ssh:// addresses, which deploymill opens with the user's own ssh.
module.exports = {};
