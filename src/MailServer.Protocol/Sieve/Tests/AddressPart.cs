using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Reading;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary>Which part of an address a test compares (RFC 5228 §2.7.4, RFC 5233 §4).</summary>
internal static class AddressPart
{
    /// <summary>Reads the tag; null results of the selection have no value to compare.</summary>
    public static Func<SieveAddress, string?> Read(SieveArguments arguments)
    {
        var part = arguments.OneOf(null, "all", "localpart", "domain");
        var sub = arguments.OneOf("subaddress", "user", "detail");
        if (part is not null && sub is not null) arguments.Error($"':{part}' and ':{sub}' exclude each other");
        return (sub ?? part) switch
        {
            "localpart" => static a => a.Local,
            "domain" => static a => a.Domain,
            "user" => static a => a.User,
            "detail" => static a => a.Detail,
            _ => static a => a.All,
        };
    }
}
