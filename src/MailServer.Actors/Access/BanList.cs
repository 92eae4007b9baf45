using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Access;

/// <summary>
/// The banned addresses and networks of this node, and the networks that are never banned, which take precedence. Listeners and sign-ins check it; the lists are stored on disk, or in the
/// shared database of a cluster.
/// </summary>
public sealed partial class BanList : IBanList
{
    private readonly ConcurrentDictionary<IPAddress, Ban> _bans = new();
    // Bans that could not be stored. They apply on this node and are stored as soon as the store can be read again.
    private readonly ConcurrentDictionary<IPAddress, Ban> _unwritten = new();
    private readonly NetworkRules _rules;
    private readonly IBanStore _store;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly IAuditLog _audit;
    private readonly ILogger<BanList> _log;

    public BanList(IBanStore store, Limits limits, TimeProvider time, IAuditLog audit, ILogger<BanList> log)
    {
        ArgumentNullException.ThrowIfNull(store);
        (_store, _limits, _time, _audit, _log) = (store, limits, time, audit, log);
        foreach (var ban in store.Load()) _bans[ban.Address] = ban;
        _rules = new NetworkRules(store, Persist);
    }

    /// <summary>The current bans, ordered by expiry.</summary>
    public IReadOnlyList<Ban> List()
    {
        var now = _time.GetUtcNow();
        return [.. _bans.Values.Where(b => b.IsActiveAt(now)).OrderBy(static b => b.Until)];
    }

    /// <summary>The banned networks, ordered by expiry.</summary>
    public IReadOnlyList<NetworkRule> ListNetworks() => [.. _rules.ActiveAt(_time.GetUtcNow()).Where(static r => !r.IsAllowed).OrderBy(static r => r.Until)];

    /// <summary>The networks that are never banned, oldest first.</summary>
    public IReadOnlyList<NetworkRule> ListAllowed() => [.. _rules.ActiveAt(_time.GetUtcNow()).Where(static r => r.IsAllowed).OrderBy(static r => r.Since)];

    /// <summary>Whether an address is in a network that is never banned.</summary>
    public bool IsAllowed(IPAddress address) => _rules.Find(address, isAllowed: true, _time.GetUtcNow()) is not null;

    public bool IsBanned(IPAddress address, bool signsIn)
    {
        if (!_rules.IsEmpty)
        {
            var now = _time.GetUtcNow();
            if (_rules.Find(address, isAllowed: true, now) is not null) return false;
            if (_rules.Find(address, isAllowed: false, now) is not null) return true;
        }

        if (_bans.IsEmpty || !_bans.TryGetValue(ClientNetwork.Of(address), out var ban)) return false;
        if (ban.IsActiveAt(_time.GetUtcNow())) return signsIn || ban.IsManual;
        _bans.TryRemove(KeyValuePair.Create(ban.Address, ban));
        return false;
    }

    /// <param name="address">Any address of the network.</param>
    /// <param name="howLong">Duration of the ban; null for a permanent ban.</param>
    /// <param name="reason">Reason shown to the administrator.</param>
    /// <param name="byHand">Whether an administrator added it.</param>
    public BanChange Add(IPAddress address, TimeSpan? howLong, string reason, bool byHand)
    {
        if (IsAllowed(address)) return BanChange.Allowed;
        var now = _time.GetUtcNow();
        var ban = new Ban(ClientNetwork.Of(address), now, howLong is { } time ? now + time : DateTimeOffset.MaxValue, reason, byHand);
        while (_bans.Count >= _limits.Bans && _bans.Values.MinBy(static b => b.Until) is { } soonest) Forget(soonest.Address);
        _bans[ban.Address] = ban;
        var network = ClientNetwork.Describe(ban.Address);
        LogBanned(network, End(ban.Until), reason);
        _audit.Note(new AuditEvent(now, "address.banned", "", byHand ? "admin socket" : "server", ban.Address, reason));
        return Write(ban) ? BanChange.Changed : BanChange.NotStored;
    }

    /// <summary>Bans a network from every port.</summary>
    /// <param name="network">An address (IPv6: its /64), or a network.</param>
    /// <param name="howLong">Duration of the ban; null for a permanent ban.</param>
    /// <param name="reason">Reason shown to the administrator.</param>
    public BanChange Add(IPNetwork network, TimeSpan? howLong, string reason)
    {
        if (NetworkText.IsOneClient(network)) return Add(network.BaseAddress, howLong, reason, byHand: true);
        if (ListAllowed().Any(r => NetworkRules.Contains(r.Network, network))) return BanChange.Allowed;
        var now = _time.GetUtcNow();
        var rule = new NetworkRule(network, IsAllowed: false, now, howLong is { } time ? now + time : DateTimeOffset.MaxValue, reason);
        return Save(rule, "address.banned", ListNetworks());
    }

    /// <summary>Removes the ban of a network.</summary>
    public BanChange Remove(IPNetwork network)
    {
        if (NetworkText.IsOneClient(network)) return Remove(network.BaseAddress);
        return Remove(network, isAllowed: false, "address.unbanned");
    }

    /// <summary>Adds a network that is never banned, and removes the bans within it.</summary>
    public BanChange Allow(IPNetwork network, string reason)
    {
        var rule = new NetworkRule(network, IsAllowed: true, _time.GetUtcNow(), DateTimeOffset.MaxValue, reason);
        var change = Save(rule, "address.allowed", ListAllowed());
        if (change is not (BanChange.Changed or BanChange.NotStored)) return change;
        foreach (var ban in _bans.Keys.Where(a => network.Contains(a)).ToArray()) Remove(ban);
        foreach (var ban in ListNetworks().Where(r => NetworkRules.Contains(network, r.Network))) Remove(ban.Network);
        return change;
    }

    /// <summary>Removes a network from those that are never banned.</summary>
    public BanChange Disallow(IPNetwork network) => Remove(network, isAllowed: true, "address.disallowed");

    private BanChange Save(NetworkRule rule, string kind, IReadOnlyList<NetworkRule> others)
    {
        if (others.Count >= _limits.NetworkRules && others.All(r => r.Network != rule.Network)) return BanChange.Full;
        var network = NetworkText.Describe(rule.Network);
        if (rule.IsAllowed) LogAllowed(network, rule.Reason);
        else LogBanned(network, End(rule.Until), rule.Reason);
        NoteRule(kind, rule.Network, rule.Reason);
        return _rules.Save(rule) ? BanChange.Changed : BanChange.NotStored;
    }

    private BanChange Remove(IPNetwork network, bool isAllowed, string kind)
    {
        if (_rules.ActiveAt(_time.GetUtcNow()).All(r => r.Network != network || r.IsAllowed != isAllowed)) return BanChange.NotBanned;
        var text = NetworkText.Describe(network);
        if (isAllowed) LogDisallowed(text);
        else LogRemoved(text);
        NoteRule(kind, network, "");
        return _rules.Remove(network) ? BanChange.Changed : BanChange.NotStored;
    }

    private void NoteRule(string kind, IPNetwork network, string reason) =>
        _audit.Note(new AuditEvent(_time.GetUtcNow(), kind, "", "admin socket", network.BaseAddress, $"{NetworkText.Describe(network)} {reason}".TrimEnd()));

    private static string End(DateTimeOffset until) =>
        until == DateTimeOffset.MaxValue ? "removed" : until.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>Loads changes made by other nodes and stores bans that could not be stored before.</summary>
    public void Reload()
    {
        try
        {
            foreach (var ban in _unwritten.Values.ToArray()) Write(ban);
            var stored = _store.Load().ToDictionary(static b => b.Address);
            foreach (var gone in _bans.Keys.Where(a => !stored.ContainsKey(a) && !_unwritten.ContainsKey(a)).ToArray()) _bans.TryRemove(gone, out _);
            foreach (var ban in stored.Values) _bans[ban.Address] = ban;
            _rules.Reload();
        }
        catch (DirectoryException e)
        {
            LogNotRead(e);
        }
    }

    /// <summary>Removes the ban of the network of an address.</summary>
    public BanChange Remove(IPAddress address)
    {
        var network = ClientNetwork.Of(address);
        var change = Forget(network);
        if (change == BanChange.NotBanned) return change;
        var text = ClientNetwork.Describe(network);
        LogRemoved(text);
        _audit.Note(new AuditEvent(_time.GetUtcNow(), "address.unbanned", "", "admin socket", network, ""));
        return change;
    }

    private bool Write(Ban ban)
    {
        _unwritten[ban.Address] = ban;
        return Persist(() =>
        {
            _store.Save(ban);
            _unwritten.TryRemove(KeyValuePair.Create(ban.Address, ban));
        });
    }

    private BanChange Forget(IPAddress network)
    {
        _unwritten.TryRemove(network, out _);
        if (!_bans.TryRemove(network, out _)) return BanChange.NotBanned;
        return Persist(() => _store.Remove(network)) ? BanChange.Changed : BanChange.NotStored;
    }

    private bool Persist(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (DirectoryException e)
        {
            // The ban applies until the server restarts.
            LogNotKept(e);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Network} is banned until {Until}: {Reason}")]
    private partial void LogBanned(string network, string until, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Network} is never banned: {Reason}")]
    private partial void LogAllowed(string network, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Network} can be banned again")]
    private partial void LogDisallowed(string network);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Network} is no longer banned")]
    private partial void LogRemoved(string network);

    [LoggerMessage(Level = LogLevel.Error, Message = "A ban could not be stored")]
    private partial void LogNotKept(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The bans of other nodes could not be read")]
    private partial void LogNotRead(Exception exception);
}
