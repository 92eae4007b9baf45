using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Sieve.Rules;

namespace MailServer.Actors.Filtering;

/// <summary>
/// Forwarding of all mail of an account, and the addresses to which its rules may forward. An address is asked first, by a message with a code: nothing is forwarded before the user has entered it.
/// </summary>
/// <param name="rules">The rules.</param>
/// <param name="send">Sends a code: from a user, to an address.</param>
/// <param name="time">The time source.</param>
public sealed class ForwardingAdministration(RuleAdministration rules, Func<EmailAddress, EmailAddress, string, CancellationToken, Task<SmtpReply>> send, TimeProvider time)
{
    /// <summary>How long a code counts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(3);

    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int CodeLength = 12;
    private const int Group = 4;

    /// <summary>Sends a code to an address, or another one.</summary>
    /// <exception cref="ScriptRefusedException">The address has agreed already, got too many codes, or cannot be reached.</exception>
    public async Task RequestAsync(Account account, EmailAddress to, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(to);
        if (to.ToString().Any(static c => char.IsWhiteSpace(c) || char.IsControl(c))) throw new ScriptRefusedException($"mail cannot be forwarded to {to}: the address has a space");
        if (to.Key == account.Address.Key) throw new ScriptRefusedException("this is the user's own address");
        var now = time.GetUtcNow();
        var code = NewCode();
        await rules.EditAsync(account, null, new RuleChange("forwarding.asked", to.ToString()), before =>
        {
            var known = Find(before, to.ToString());
            if (known is { IsConfirmed: true }) throw new ScriptRefusedException($"{to} has agreed already");
            var waiting = known?.IsWaitingAt(now) == true ? known : null;
            if (waiting?.Sent >= ForwardAddress.MostSent) throw new ScriptRefusedException($"{to} got {ForwardAddress.MostSent} messages already; try again when the last code has expired, or enter the code");
            var others = before.ForwardAddresses.Where(a => a != known && (a.IsConfirmed || a.IsWaitingAt(now))).ToList();
            if (others.Count >= ForwardAddress.Most) throw new ScriptRefusedException($"there are {ForwardAddress.Most} addresses already; remove one first");
            // The time of the first message counts, so the limit is one for that time.
            return before with { ForwardAddresses = [.. others, new ForwardAddress(to.ToString(), DigestOf(account, to.ToString(), code), waiting?.ExpiresAt ?? now + Lifetime, (waiting?.Sent ?? 0) + 1)] };
        }, cancel);
        var reply = await send(account.Address, to, Format(code), cancel);
        if (!reply.IsPositive) throw new ScriptRefusedException($"the message to {to} was refused: {reply}");
    }

    /// <summary>Takes a code. Returns the address that has agreed.</summary>
    /// <exception cref="ScriptRefusedException">The code is wrong or has expired.</exception>
    public async Task<string> ConfirmAsync(Account account, string code, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(code);
        var now = time.GetUtcNow();
        var plain = string.Concat(code.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit));
        var confirmed = "";
        await rules.EditAsync(account, null, new RuleChange("forwarding.agreed", ""), before =>
        {
            var found = before.ForwardAddresses.FirstOrDefault(a => a.IsWaitingAt(now) && a.Digest == DigestOf(account, a.Address, plain)) ?? throw new ScriptRefusedException("the code is wrong, or has expired");
            confirmed = found.Address;
            return before with { ForwardAddresses = [.. before.ForwardAddresses.Select(a => a == found ? new ForwardAddress(a.Address, null, default, 0) : a)] };
        }, cancel);
        return confirmed;
    }

    /// <summary>Forwards all mail except junk to an address that has agreed; null: nowhere. Returns false if nothing changed.</summary>
    /// <exception cref="ScriptRefusedException">The address has not agreed.</exception>
    public Task<bool> SetAsync(Account account, string? address, bool keepsCopy, CancellationToken cancel) => rules.EditAsync(
        account, null, new RuleChange(address is null ? "forwarding.off" : "forwarding.on", address ?? ""),
        before => before with { Forwarding = address is null ? null : new MailForwarding(Find(before, address)?.Address ?? address, keepsCopy) }, cancel);

    /// <summary>Removes an address.</summary>
    /// <exception cref="ScriptRefusedException">There is no such address, or mail is forwarded to it.</exception>
    public Task ForgetAsync(Account account, string address, CancellationToken cancel) => rules.EditAsync(account, null, new RuleChange("forwarding.removed", address), before =>
    {
        var known = Find(before, address) ?? throw new ScriptRefusedException($"{address} is not in the list") { IsMissing = true };
        if (before.ForwardTargets.Contains(known.Address, StringComparer.OrdinalIgnoreCase)) throw new ScriptRefusedException($"mail is forwarded to {known.Address}: end that first");
        return before with { ForwardAddresses = [.. before.ForwardAddresses.Where(a => a != known)] };
    }, cancel);

    private static ForwardAddress? Find(MailRules rules, string address) => rules.ForwardAddresses.FirstOrDefault(a => a.Address.Equals(address.Trim(), StringComparison.OrdinalIgnoreCase));

    private static string NewCode() => RandomNumberGenerator.GetString(Letters, CodeLength);

    private static string Format(string code) => string.Join('-', Enumerable.Range(0, CodeLength / Group).Select(i => code.Substring(i * Group, Group)));

    private static string DigestOf(Account account, string address, string code) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{account.Id.Value} {address.ToLowerInvariant()} {code}")));
}
