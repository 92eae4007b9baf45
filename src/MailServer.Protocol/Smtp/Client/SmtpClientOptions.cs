using MailServer.Domain.Sessions;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>How to treat one host.</summary>
public sealed record SmtpClientOptions
{
    /// <summary>What we call ourselves.</summary>
    public required string HeloName { get; init; }

    public SmtpTlsPolicy TlsPolicy { get; init; } = SmtpTlsPolicy.WhenOffered;

    /// <summary>The TLS that was there before the greeting; null without.</summary>
    public TlsInfo? Tls { get; init; }

    /// <summary>For a relay that wants it; sent under TLS only, unless <see cref="PlaintextAuth"/>.</summary>
    public SmtpCredentials? Credentials { get; init; }

    /// <summary>Sign in without TLS too.</summary>
    public bool PlaintextAuth { get; init; }

    /// <summary>BDAT where it is offered (RFC 3030).</summary>
    public bool Chunking { get; init; } = true;

    /// <summary>Our part of SCRAM nonces; random when null.</summary>
    public Func<string>? Nonce { get; init; }
}

/// <summary>A login and its password.</summary>
public sealed record SmtpCredentials(string Login, string Password)
{
    /// <summary>Never the password: this may reach a log.</summary>
    public override string ToString() => $"SmtpCredentials {{ Login = {Login} }}";
}

/// <summary>Whether STARTTLS is used.</summary>
public enum SmtpTlsPolicy
{
    Never,
    WhenOffered,
    Required,
}
