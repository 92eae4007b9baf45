namespace MailServer.Protocol.Observation;

/// <summary>The protocols whose output <see cref="OutputRedactor"/> understands.</summary>
public enum OutputFormat
{
    /// <summary>Lines without literals.</summary>
    Smtp,

    Imap,

    ManageSieve,
}
