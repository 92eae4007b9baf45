namespace MailServer.Network.Listeners;

/// <summary>The protocol of a port, and whether it uses implicit TLS.</summary>
public enum ListenerKind
{
    /// <summary>Receiving mail from other servers (port 25, STARTTLS).</summary>
    Smtp,

    /// <summary>Submission (port 587, STARTTLS).</summary>
    Submission,

    /// <summary>Submission with implicit TLS (port 465, RFC 8314 §3.3).</summary>
    Submissions,

    /// <summary>IMAP (port 143, STARTTLS).</summary>
    Imap,

    /// <summary>IMAP with implicit TLS (port 993, RFC 8314 §3.2).</summary>
    Imaps,
}

/// <summary>Properties of a <see cref="ListenerKind"/>.</summary>
public static class ListenerKinds
{
    extension(ListenerKind kind)
    {
        /// <summary>True when the client starts with a TLS handshake.</summary>
        public bool IsImplicitTls => kind is ListenerKind.Submissions or ListenerKind.Imaps;

        /// <summary>The name in lists and metrics; must never change.</summary>
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
