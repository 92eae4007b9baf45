namespace MailServer.Domain.Certificates;

/// <summary>What became of reading a certificate again.</summary>
/// <param name="File">The certificate's file.</param>
/// <param name="Outcome">Whether it is in use now.</param>
/// <param name="Text">What is wrong with what was read; empty when nothing is.</param>
public sealed record CertificateReload(string File, ReloadOutcome Outcome, string Text);
