namespace MailServer.Domain.Certificates;

/// <summary>Which certificate is in use after a reload.</summary>
public enum CertificateReloadOutcome
{
    /// <summary>The files contain the certificate that was already in use.</summary>
    Unchanged,

    /// <summary>The new certificate is in use.</summary>
    Taken,

    /// <summary>The old certificate stays in use, because the files are invalid or the new certificate is worse.</summary>
    Kept,
}
