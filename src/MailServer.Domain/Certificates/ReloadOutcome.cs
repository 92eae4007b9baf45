namespace MailServer.Domain.Certificates;

/// <summary>Which certificate is in use after the files were read again.</summary>
public enum ReloadOutcome
{
    /// <summary>The files are what is in use already.</summary>
    Unchanged,

    /// <summary>The new one.</summary>
    Taken,

    /// <summary>The old one: the files cannot be used, or are worse.</summary>
    Kept,
}
