namespace MailServer.Domain.Certificates;

/// <summary>The result of reloading a certificate from its files.</summary>
/// <param name="File">Path of the certificate file.</param>
/// <param name="Outcome">Which certificate is in use now.</param>
/// <param name="Text">What is wrong with the files; empty if nothing is.</param>
public sealed record CertificateReloadResult(string File, CertificateReloadOutcome Outcome, string Text);
