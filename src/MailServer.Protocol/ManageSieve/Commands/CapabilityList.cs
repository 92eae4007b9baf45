using System.Globalization;
using MailServer.Protocol.ManageSieve.Writing;
using MailServer.Protocol.Sasl;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;

namespace MailServer.Protocol.ManageSieve.Commands;

/// <summary>The capabilities of a session in its current state (RFC 5804 §1.7).</summary>
public static class CapabilityList
{
    /// <summary>The capabilities that are announced in some state, in their order.</summary>
    public static IReadOnlyList<string> All { get; } =
        ["IMPLEMENTATION", "SASL", "SIEVE", "NOTIFY", "MAXREDIRECTS", "LANGUAGE", "STARTTLS", "UNAUTHENTICATE", "RENAME", "OWNER", "VERSION"];

    internal static void Write(ManageSieveSession session)
    {
        foreach (var name in All)
            if (Applies(name, session)) session.Output.WriteCapability(name, ValueOf(name, session));
    }

    // UNAUTHENTICATE and RENAMESCRIPT are part of what VERSION stands for; older clients look for the names. STARTTLS is not the last line because
    // some clients ignore the last one.
    private static bool Applies(string name, ManageSieveSession session) => name switch
    {
        "STARTTLS" => session.Options.TlsAvailable && session.Tls is null && session.Account is null,
        "OWNER" => session.Account is not null,
        _ => true,
    };

    private static string? ValueOf(string name, ManageSieveSession session) => name switch
    {
        "IMPLEMENTATION" => session.Options.Implementation,
        // RFC 5804 §1.7: no mechanism before TLS if passwords need it, but the capability is there.
        "SASL" => session.MayAuthenticate ? string.Join(' ', SaslMechanisms.NamesFor(session.Tls)) : "",
        "SIEVE" => string.Join(' ', SieveScript.Extensions),
        "NOTIFY" => "mailto",
        "MAXREDIRECTS" => SieveLimits.Default.MaxRedirects.ToString(CultureInfo.InvariantCulture),
        "LANGUAGE" => "en",
        "OWNER" => session.Account!.Address.ToString(),
        "VERSION" => "1.0",
        _ => null,
    };
}
