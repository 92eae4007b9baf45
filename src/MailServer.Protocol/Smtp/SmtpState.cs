namespace MailServer.Protocol.Smtp;

/// <summary>The progress of a connection (RFC 5321 §4.1.4), as flags: the command table lists the states in which each command is allowed.</summary>
[Flags]
internal enum SmtpState
{
    /// <summary>Before EHLO or HELO, also after the start of TLS.</summary>
    Connected = 1,

    /// <summary>After EHLO or HELO, no transaction.</summary>
    Greeted = 2,

    /// <summary>The sender was accepted.</summary>
    Mail = 4,

    /// <summary>At least one recipient was accepted.</summary>
    Recipients = 8,

    /// <summary>Between the chunks of a message (RFC 3030).</summary>
    Chunks = 16,

    /// <summary>During DATA.</summary>
    Data = 32,

    Any = Connected | Greeted | Mail | Recipients | Chunks,
}
