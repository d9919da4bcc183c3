namespace Portal.Secrets;

/// <summary>A passphrase, password or certificate can't be used; the message says what to do, and never contains the secret.</summary>
public sealed class SecretException(string message) : Exception(message);
