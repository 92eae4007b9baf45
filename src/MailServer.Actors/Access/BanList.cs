using System.Collections.Concurrent;
using System.Net;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Access;

/// <summary>Who is kept out of this node: asked by every listener and at every sign-in, kept on the disk.</summary>
public sealed partial class BanList : IBans
{
    private readonly ConcurrentDictionary<IPAddress, Ban> _bans = new();
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

    /// <summary>Those that hold now, the one that ends soonest first.</summary>
    public IReadOnlyList<Ban> List()
    {
        var now = _time.GetUtcNow();
        return [.. _bans.Values.Where(b => b.Until > now).OrderBy(static b => b.Until)];
    }

    public bool IsBanned(IPAddress address, bool signsIn)
    {
        if (_bans.IsEmpty || !_bans.TryGetValue(ClientNetwork.Of(address), out var ban)) return false;
        if (ban.Until > _time.GetUtcNow()) return signsIn || ban.ByHand;
        _bans.TryRemove(KeyValuePair.Create(ban.Address, ban));
        return false;
    }

    /// <param name="address">Any address of the network.</param>
    /// <param name="howLong">Null: until it is removed.</param>
    /// <param name="reason">For the administrator.</param>
    /// <param name="byHand">Put there by the administrator.</param>
    public Ban Add(IPAddress address, TimeSpan? howLong, string reason, bool byHand)
    {
        var now = _time.GetUtcNow();
        var ban = new Ban(ClientNetwork.Of(address), now, howLong is { } time ? now + time : DateTimeOffset.MaxValue, reason, byHand);
        while (_bans.Count >= _limits.Bans && _bans.Values.MinBy(static b => b.Until) is { } soonest) Forget(soonest.Address);
        _bans[ban.Address] = ban;
        var network = ClientNetwork.Describe(ban.Address);
        LogBanned(network, ban.Until, reason);
        _audit.Note(new AuditEvent(now, "address.banned", "", byHand ? "admin socket" : "server", ban.Address, reason));
        Persist(() => _store.Save(ban));
        return ban;
    }

    /// <summary>False: it was not banned.</summary>
    public bool Remove(IPAddress address)
    {
        var network = ClientNetwork.Of(address);
        if (!Forget(network)) return false;
        var text = ClientNetwork.Describe(network);
        LogRemoved(text);
        _audit.Note(new AuditEvent(_time.GetUtcNow(), "address.unbanned", "", "admin socket", network, ""));
        return true;
    }

    private bool Forget(IPAddress network)
    {
        if (!_bans.TryRemove(network, out _)) return false;
        Persist(() => _store.Remove(network));
        return true;
    }

    private void Persist(Action write)
    {
        try
        {
            write();
        }
        catch (DirectoryException e)
        {
            // It holds until the server is restarted.
            LogNotKept(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Network} is banned until {Until}: {Reason}")]
    private partial void LogBanned(string network, DateTimeOffset until, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Network} is no longer banned")]
    private partial void LogRemoved(string network);

    [LoggerMessage(Level = LogLevel.Error, Message = "A ban could not be written down")]
    private partial void LogNotKept(Exception exception);
}
