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

    /// <summary>Management of mail filtering scripts (ManageSieve, port 4190, STARTTLS; RFC 5804).</summary>
    ManageSieve,

    /// <summary>ManageSieve with implicit TLS, for clients that support nothing else. No port is registered for it.</summary>
    ManageSieves,
}

/// <summary>The protocol of a <see cref="ListenerKind"/>, with or without implicit TLS.</summary>
public enum ListenerProtocol
{
    Smtp,
    Imap,
    ManageSieve,
}

/// <summary>Properties of a <see cref="ListenerKind"/>.</summary>
public static class ListenerKinds
{
    extension(ListenerKind kind)
    {
        /// <summary>True when the client starts with a TLS handshake.</summary>
        public bool IsImplicitTls => kind is ListenerKind.Submissions or ListenerKind.Imaps or ListenerKind.ManageSieves;

        /// <summary>The name in lists and metrics; must never change.</summary>
        public string Name => kind switch
        {
            ListenerKind.Smtp => "smtp",
            ListenerKind.Submission => "submission",
            ListenerKind.Submissions => "submissions",
            ListenerKind.Imap => "imap",
            ListenerKind.Imaps => "imaps",
            ListenerKind.ManageSieve => "managesieve",
            _ => "managesieves",
        };

        public ListenerProtocol Protocol => kind switch
        {
            ListenerKind.Imap or ListenerKind.Imaps => ListenerProtocol.Imap,
            ListenerKind.ManageSieve or ListenerKind.ManageSieves => ListenerProtocol.ManageSieve,
            _ => ListenerProtocol.Smtp,
        };
    }
}
