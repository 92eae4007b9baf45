using System.Net;
using System.Reflection;
using MailServer.Domain.Access;
using MailServer.Domain.Delivery;
using MailServer.Storage.Access;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MailServer.Storage.Tests.Access;

/// <summary>Which changes of access.db are flushed to the disk before they return: every change of a ban or a pause, and no audit event.</summary>
public sealed class AccessDurabilityTests : IDisposable
{
    private static readonly Ban Ban = new(IPAddress.Parse("203.0.113.9"), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(1), "guessing", IsManual: false);
    private static readonly NetworkRule Rule = new(IPNetwork.Parse("203.0.113.0/24"), IsAllowed: true, DateTimeOffset.UtcNow, DateTimeOffset.MaxValue, "office");
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("access-").FullName;
    private readonly List<string> _statements = [];
    private readonly AccessTables _tables;

    public AccessDurabilityTests()
    {
        _tables = AccessTables.Open(Path.Combine(_folder, "access.db"));
        var connection = (SqliteConnection)typeof(AccessTables).GetField("_connection", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(_tables)!;
        raw.sqlite3_trace(connection.Handle, (_, sql) => _statements.Add(sql), null);
    }

    private Dictionary<string, Action> Changes => new(StringComparer.Ordinal)
    {
        [nameof(IBanStore.Save)] = () => _tables.Save(Ban),
        [nameof(IBanStore.Remove)] = () => _tables.Remove(Ban.Address),
        [nameof(IQueuePauseStore.SavePause)] = () => _tables.SavePause(new QueuePause("example.net", DateTimeOffset.UtcNow, "")),
        [nameof(IQueuePauseStore.RemovePause)] = () => _tables.RemovePause("example.net"),
        [nameof(IBanStore.SaveRule)] = () => _tables.SaveRule(Rule),
        [nameof(IBanStore.RemoveRule)] = () => _tables.RemoveRule(Rule.Network),
    };

    public void Dispose()
    {
        _tables.Dispose();
        System.IO.Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Every_change_of_a_ban_is_flushed_and_an_audit_event_is_not()
    {
        Assert.Equal(typeof(IBanStore).GetMethods().Concat(typeof(IQueuePauseStore).GetMethods()).Select(static m => m.Name).Where(static n => !n.StartsWith("Load", StringComparison.Ordinal)).Order(), Changes.Keys.Order());
        foreach (var (name, change) in Changes)
        {
            _statements.Clear();
            change();
            Assert.Equal(["PRAGMA synchronous = FULL", "bans", "PRAGMA synchronous = NORMAL"], _statements.Select(static s => s.Contains(" bans ", StringComparison.Ordinal) || s.Contains(" network_rules ", StringComparison.Ordinal) || s.Contains(" queue_pauses ", StringComparison.Ordinal) ? "bans" : s));
            Assert.True(_statements.Count == 3, name);
        }

        _statements.Clear();
        _tables.Append([new AuditEvent(DateTimeOffset.UtcNow, "sign-in.ok", "a@example.test", "mail", null, "")]);
        Assert.DoesNotContain(_statements, static s => s.Contains("synchronous", StringComparison.Ordinal));
        Assert.Empty(_tables.Load());
    }
}
