using MailServer.Domain.Sessions;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>The settings for a connection to one host.</summary>
public sealed record SmtpClientOptions
{
    /// <summary>Our argument of EHLO.</summary>
    public required string HeloName { get; init; }

    public SmtpTlsPolicy TlsPolicy { get; init; } = SmtpTlsPolicy.WhenOffered;

    /// <summary>The TLS parameters of a connection that started with TLS; otherwise null.</summary>
    public TlsInfo? Tls { get; init; }

    /// <summary>The credentials for a relay. Only sent under TLS, unless <see cref="PlaintextAuth"/> is set.</summary>
    public SmtpCredentials? Credentials { get; init; }

    /// <summary>Authenticate even without TLS.</summary>
    public bool PlaintextAuth { get; init; }

    /// <summary>Use BDAT where it is offered (RFC 3030).</summary>
    public bool Chunking { get; init; } = true;

    /// <summary>Supplies our part of SCRAM nonces; random when null.</summary>
    public Func<string>? Nonce { get; init; }
}

/// <summary>A login and its password.</summary>
public sealed record SmtpCredentials(string Login, string Password)
{
    /// <summary>Omits the password, because this text may be logged.</summary>
    public override string ToString() => $"SmtpCredentials {{ Login = {Login} }}";
}

/// <summary>When to use STARTTLS.</summary>
public enum SmtpTlsPolicy
{
    Never,
    WhenOffered,
    Required,
}
