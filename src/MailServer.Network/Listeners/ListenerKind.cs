namespace MailServer.Network.Listeners;

/// <summary>What a port speaks, and whether TLS comes first.</summary>
public enum ListenerKind
{
    /// <summary>Receiving mail from other hosts (25), STARTTLS.</summary>
    Smtp,

    /// <summary>Submission (587), STARTTLS.</summary>
    Submission,

    /// <summary>Submission inside TLS (465, RFC 8314 §3.3).</summary>
    Submissions,

    /// <summary>IMAP (143), STARTTLS.</summary>
    Imap,

    /// <summary>IMAP inside TLS (993, RFC 8314 §3.2).</summary>
    Imaps,
}

/// <summary>Questions about a <see cref="ListenerKind"/>.</summary>
public static class ListenerKinds
{
    extension(ListenerKind kind)
    {
        /// <summary>The client begins with a handshake.</summary>
        public bool IsImplicitTls => kind is ListenerKind.Submissions or ListenerKind.Imaps;

        /// <summary>The name in lists and measurements; one string for ever.</summary>
        public string Name => kind switch
        {
            ListenerKind.Smtp => "smtp",
            ListenerKind.Submission => "submission",
            ListenerKind.Submissions => "submissions",
            ListenerKind.Imap => "imap",
            _ => "imaps",
        };

        public bool IsImap => kind is ListenerKind.Imap or ListenerKind.Imaps;
    }
}
