namespace MailServer.Network.Certificates;

/// <summary>A certificate from files.</summary>
/// <param name="Certificate">PEM: the server's certificate, then the rest of its chain.</param>
/// <param name="Key">PEM: its private key.</param>
/// <param name="Host">The name that clients connect to.</param>
public sealed record CertificateFiles(string Certificate, string Key, string Host);
