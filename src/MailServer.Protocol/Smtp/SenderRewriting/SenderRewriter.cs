using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Addresses;

namespace MailServer.Protocol.Smtp.SenderRewriting;

/// <summary>
/// Implements SRS. Forwarded mail gets a reverse-path at this server, because this server is not in the SPF record of the sender's domain; bounces to
/// that address are sent on to the original sender. <c>SRS0=HASH=TT=domain=local@ours</c> contains the original sender. An address that another
/// forwarder has rewritten becomes <c>SRS1=HASH=forwarder==…@ours</c>, so that addresses do not grow with each hop. The hash prevents forgery, and
/// the timestamp (days modulo 1024) limits the address's lifetime. Thread-safe.
/// </summary>
public sealed class SenderRewriter
{
    private const string First = "SRS0";
    private const string Repeated = "SRS1";
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int HashLength = 8;
    private const int DayLength = 2;
    private const int DayRange = 1024;
    private const int ValidDays = 21;
    private readonly byte[] _key;
    private readonly TimeProvider _time;

    /// <param name="key">The secret key for the hash. Anyone who has it can relay mail through this server.</param>
    /// <param name="time">Supplies the current day.</param>
    public SenderRewriter(byte[] key, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length < 16) throw new ArgumentException("too short", nameof(key));
        _key = key;
        _time = time;
    }

    /// <summary>Whether the address has the form of a rewritten address. <see cref="Restore"/> checks whether this server made it.</summary>
    public static bool IsRewritten(EmailAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return HasPrefix(address, First) || HasPrefix(address, Repeated);
    }

    /// <summary>The reverse-path for mail from <paramref name="sender"/> that an address of <paramref name="domain"/> forwards; null when it would be too long.</summary>
    public EmailAddress? Rewrite(EmailAddress sender, string domain)
    {
        ArgumentNullException.ThrowIfNull(sender);
        string local;
        if (HasPrefix(sender, Repeated) && Split(sender.Local, 3) is { } parts)
        {
            // Skip the previous forwarder: bounces go directly to the first one.
            local = $"{Repeated}={Hash(parts[1], parts[2])}={parts[1]}={parts[2]}";
        }
        else if (HasPrefix(sender, First))
        {
            var rest = sender.Local[First.Length..];
            local = $"{Repeated}={Hash(sender.Domain, rest)}={sender.Domain}={rest}";
        }
        else
        {
            var day = Day(Today);
            local = $"{First}={Hash(day, sender.Domain, sender.Local)}={day}={sender.Domain}={sender.Local}";
        }

        return EmailAddress.TryCreate(local, domain, out var rewritten) ? rewritten : null;
    }

    /// <summary>The original sender of a rewritten address; null when this server did not make it or it has expired.</summary>
    public EmailAddress? Restore(EmailAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (HasPrefix(address, First) && Split(address.Local, 4) is [var hash, var day, var domain, var local])
            return IsValid(hash, day, domain, local) && IsRecent(day) && EmailAddress.TryCreate(local, domain, out var sender) ? sender : null;
        // SRS1: only the first forwarder can check the timestamp.
        if (HasPrefix(address, Repeated) && Split(address.Local, 3) is [var mark, var forwarder, var rest])
            return IsValid(mark, forwarder, rest) && EmailAddress.TryCreate(First + rest, forwarder, out var before) ? before : null;
        return null;
    }

    // Also correct for a clock before 1970.
    private int Today => (int)(((_time.GetUtcNow().ToUnixTimeSeconds() / 86400 % DayRange) + DayRange) % DayRange);

    private static bool HasPrefix(EmailAddress address, string mark) =>
        address.Local.Length > mark.Length && address.Local.StartsWith(mark, StringComparison.OrdinalIgnoreCase) && address.Local[mark.Length] is '=' or '+' or '-';

    /// <summary>The fields after the prefix; the last one may contain any text.</summary>
    private static string[]? Split(string local, int count)
    {
        var fields = local[(First.Length + 1)..].Split('=', count);
        return fields.Length == count && Array.TrueForAll(fields, f => f.Length > 0) ? fields : null;
    }

    private static string Day(int day) => $"{Base32[day >> 5]}{Base32[day & 31]}";

    private bool IsRecent(string day)
    {
        if (day.Length != DayLength) return false;
        var (high, low) = (Base32.IndexOf(char.ToUpperInvariant(day[0]), StringComparison.Ordinal), Base32.IndexOf(char.ToUpperInvariant(day[1]), StringComparison.Ordinal));
        if (high < 0 || low < 0) return false;
        var age = (Today - ((high << 5) | low) + DayRange) % DayRange;
        return age <= ValidDays || age == DayRange - 1; // tolerates a clock that is one day behind
    }

    private bool IsValid(string hash, params ReadOnlySpan<string> parts) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(hash.ToUpperInvariant()), Encoding.ASCII.GetBytes(Hash(parts)));

    /// <summary>Case-insensitive, because hosts on the way may change the case.</summary>
    private string Hash(params ReadOnlySpan<string> parts)
    {
        var text = string.Join('=', parts.ToArray()).ToLower(CultureInfo.InvariantCulture);
        var mac = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text));
        return string.Create(HashLength, mac, static (span, bytes) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = Base32[bytes[i] & 31];
        });
    }
}
