using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Access;

/// <summary>The banned networks of this node. Listeners and sign-ins check it; bans are stored on disk.</summary>
public sealed partial class BanList : IBanList
{
    private readonly ConcurrentDictionary<IPAddress, Ban> _bans = new();
    // Bans that could not be stored. They apply on this node and are stored as soon as the store can be read again.
    private readonly ConcurrentDictionary<IPAddress, Ban> _unwritten = new();
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
    }

    /// <summary>The current bans, ordered by expiry.</summary>
    public IReadOnlyList<Ban> List()
    {
        var now = _time.GetUtcNow();
        return [.. _bans.Values.Where(b => b.IsActiveAt(now)).OrderBy(static b => b.Until)];
    }

    public bool IsBanned(IPAddress address, bool signsIn)
    {
        if (_bans.IsEmpty || !_bans.TryGetValue(ClientNetwork.Of(address), out var ban)) return false;
        if (ban.IsActiveAt(_time.GetUtcNow())) return signsIn || ban.IsManual;
        _bans.TryRemove(KeyValuePair.Create(ban.Address, ban));
        return false;
    }

    /// <param name="address">Any address of the network.</param>
    /// <param name="howLong">Duration of the ban; null for a permanent ban.</param>
    /// <param name="reason">Reason shown to the administrator.</param>
    /// <param name="byHand">Whether an administrator added it.</param>
    /// <returns><see cref="BanChange.Changed"/> or <see cref="BanChange.NotStored"/>.</returns>
    public BanChange Add(IPAddress address, TimeSpan? howLong, string reason, bool byHand)
    {
        var now = _time.GetUtcNow();
        var ban = new Ban(ClientNetwork.Of(address), now, howLong is { } time ? now + time : DateTimeOffset.MaxValue, reason, byHand);
        while (_bans.Count >= _limits.Bans && _bans.Values.MinBy(static b => b.Until) is { } soonest) Forget(soonest.Address);
        _bans[ban.Address] = ban;
        var network = ClientNetwork.Describe(ban.Address);
        LogBanned(network, ban.Until == DateTimeOffset.MaxValue ? "removed" : ban.Until.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), reason);
        _audit.Note(new AuditEvent(now, "address.banned", "", byHand ? "admin socket" : "server", ban.Address, reason));
        return Write(ban) ? BanChange.Changed : BanChange.NotStored;
    }

    /// <summary>Loads changes made by other nodes and stores bans that could not be stored before.</summary>
    public void Reload()
    {
        try
        {
            foreach (var ban in _unwritten.Values.ToArray()) Write(ban);
            var stored = _store.Load().ToDictionary(static b => b.Address);
            foreach (var gone in _bans.Keys.Where(a => !stored.ContainsKey(a) && !_unwritten.ContainsKey(a)).ToArray()) _bans.TryRemove(gone, out _);
            foreach (var ban in stored.Values) _bans[ban.Address] = ban;
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

    [LoggerMessage(Level = LogLevel.Information, Message = "{Network} is no longer banned")]
    private partial void LogRemoved(string network);

    [LoggerMessage(Level = LogLevel.Error, Message = "A ban could not be stored")]
    private partial void LogNotKept(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The bans of other nodes could not be read")]
    private partial void LogNotRead(Exception exception);
}
