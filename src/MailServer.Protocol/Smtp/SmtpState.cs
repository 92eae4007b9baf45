namespace MailServer.Protocol.Smtp;

/// <summary>How far a client has come (RFC 5321 §4.1.4). Flags, so that the table of commands can name sets of them.</summary>
[Flags]
internal enum SmtpState
{
    /// <summary>No EHLO or HELO yet, or TLS has just begun.</summary>
    Connected = 1,

    /// <summary>Greeted, no transaction.</summary>
    Greeted = 2,

    /// <summary>A sender was accepted.</summary>
    Mail = 4,

    /// <summary>At least one recipient was accepted.</summary>
    Recipients = 8,

    /// <summary>Between chunks of a message (RFC 3030).</summary>
    Chunks = 16,

    /// <summary>Inside DATA.</summary>
    Data = 32,

    Any = Connected | Greeted | Mail | Recipients | Chunks,
}
