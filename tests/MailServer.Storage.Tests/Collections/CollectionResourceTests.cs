using System.Text;
using MailServer.Domain;
using MailServer.Domain.Collections;
using static MailServer.Storage.Tests.Collections.TestCollections;

namespace MailServer.Storage.Tests.Collections;

public sealed class CollectionResourceTests : IDisposable
{
    private readonly TestCollections _collections = new();

    public void Dispose() => _collections.Dispose();

    [Fact]
    public void Every_account_starts_with_a_calendar_a_task_list_and_an_address_book()
    {
        var calendars = Assert.IsType<CollectionReply.Page>(_collections.Store.Read(new CollectionRequest.List(Calendar.Parent, 0, WithProperties: false)));
        Assert.Equal([CalendarComponents.Event, CalendarComponents.Todo], calendars.Collections.Where(c => c.Kind == CollectionKind.Calendar).Select(c => c.Components));
        Assert.Empty(_collections.Names(Contacts));
    }

    [Fact]
    public void Only_committed_changes_are_present_after_reopening()
    {
        _collections.PutAll(Calendar, "kept.ics");
        _collections.Store.Change(new CollectionRequest.Put(Calendar.Child("lost.ics"), Event("lost")));
        _collections.Reopen();
        Assert.Equal(["kept.ics"], _collections.Names(Calendar));
        Assert.Equal("kept.ics", _collections.Text(Calendar.Child("kept.ics")));
    }

    [Fact]
    public void Indexed_instances_decide_a_time_range()
    {
        var instances = InstanceTimes.Pack([(100, 110), (200, 200)]);
        _collections.Put(Calendar.Child("known"), Event("known", first: 100, last: 201) with { Instances = instances });
        _collections.Put(Calendar.Child("unknown"), Event("unknown", first: 100, last: 201));
        Assert.Equal([("known", true), ("unknown", false)], InRange(105, 106));
        Assert.Equal([("unknown", false)], InRange(110, 200));
        Assert.Equal([("known", true), ("unknown", false)], InRange(200, 201));
        _collections.Put(Calendar.Child("known"), Event("known", first: 100, last: 201));
        Assert.Equal([("known", false), ("unknown", false)], InRange(110, 200));
    }

    private IEnumerable<(string, bool)> InRange(long first, long last)
    {
        var plan = new QueryPlan(CalendarComponents.Event, first, last, default) { IsTimeRangeOnly = true };
        var page = Assert.IsType<CollectionReply.Page>(_collections.Store.Read(new CollectionRequest.Query(Calendar, 0, plan)));
        return page.Resources.Select(entry => (entry.Name, entry.IsKnownMatch));
    }

    [Fact]
    public void A_rollback_undoes_everything()
    {
        _collections.PutAll(Calendar, "one");
        _collections.Store.Change(new CollectionRequest.Delete(Calendar.Child("one")));
        _collections.Store.Change(new CollectionRequest.MakeCollection(Files.Child("new"), CollectionKind.Folder, CalendarComponents.None, new Dictionary<string, string>()));
        _collections.Store.Rollback();
        Assert.Equal(["one"], _collections.Names(Calendar));
        Assert.IsType<CollectionReply.Refused>(_collections.Store.Read(new CollectionRequest.Find(Files.Child("new"), WithBody: false)));
    }

    [Fact]
    public void A_precondition_that_does_not_hold_changes_nothing()
    {
        var path = Calendar.Child("a.ics");
        _collections.Put(path, Event("a", "1"));
        var create = new Preconditions { IfNoneMatch = new ETagList(Any: true, []) };
        Assert.Equal(CollectionRefusal.PreconditionFailed, _collections.Refusal(new CollectionRequest.Put(path, Event("a", "2")) { Conditions = create }));
        var stale = new Preconditions { IfMatch = new ETagList(Any: false, ["tag-old"]) };
        Assert.Equal(CollectionRefusal.PreconditionFailed, _collections.Refusal(new CollectionRequest.Delete(path) { Conditions = stale }));
        var current = new Preconditions { IfMatch = new ETagList(Any: false, ["tag-a-1"]) };
        Assert.Equal(new CollectionReply.Stored("tag-a-2", Created: false), _collections.Put(path, Event("a", "2"), current));
        Assert.Equal("a2", _collections.Text(path));
    }

    [Fact]
    public void A_UID_is_unique_within_a_calendar()
    {
        _collections.Put(Calendar.Child("a.ics"), Event("same"));
        var conflict = Assert.IsType<CollectionReply.Refused>(_collections.Put(Calendar.Child("b.ics"), Event("same")));
        Assert.Equal((CollectionRefusal.UidConflict, Calendar.Child("a.ics")), (conflict.Reason, conflict.Path));
        Assert.IsType<CollectionReply.Stored>(_collections.Do(new CollectionRequest.Transfer(Calendar.Child("a.ics"), Calendar.Child("b.ics"), Move: true, Overwrite: true, Deep: true)));
        Assert.Equal(CollectionRefusal.UidConflict, _collections.Refusal(new CollectionRequest.Transfer(Calendar.Child("b.ics"), Calendar.Child("c.ics"), Move: false, Overwrite: true, Deep: true)));
    }

    [Fact]
    public void Resources_are_accepted_only_in_collections_of_their_kind()
    {
        Assert.Equal(CollectionRefusal.ComponentNotSupported, _collections.Refusal(new CollectionRequest.Put(Calendar.Child("t"), Event("t", component: CalendarComponents.Todo))));
        Assert.Equal(CollectionRefusal.WrongPlace, _collections.Refusal(new CollectionRequest.Put(Calendar.Parent.Child("e"), Event("e"))));
        Assert.Equal(CollectionRefusal.WrongPlace, _collections.Refusal(new CollectionRequest.Delete(Calendar.Parent)));
        Assert.Equal(CollectionRefusal.ParentMissing, _collections.Refusal(new CollectionRequest.Put(Files.Child("no").Child("f"), File("f"))));
        var nested = new CollectionRequest.MakeCollection(Calendar.Child("x"), CollectionKind.Calendar, CalendarComponents.Default, new Dictionary<string, string>());
        Assert.Equal(CollectionRefusal.WrongPlace, _collections.Refusal(nested));
    }

    [Fact]
    public void A_query_is_answered_from_the_index_by_component_time_and_text()
    {
        _collections.Put(Calendar.Child("early"), Event("early", "Zebra\r\n wood", first: 0, last: 10));
        _collections.Put(Calendar.Child("late"), Event("late", "zebra", first: 100, last: long.MaxValue));
        IEnumerable<string> Query(QueryPlan plan) =>
            Assert.IsType<CollectionReply.Page>(_collections.Store.Read(new CollectionRequest.Query(Calendar, 0, plan))).Resources.Select(entry => entry.Name);
        Assert.Equal(["early"], Query(QueryPlan.Everything with { First = 5, Last = 50 }));
        Assert.Equal(["late"], Query(QueryPlan.Everything with { First = 5000, Last = 6000 }));
        Assert.Empty(Query(QueryPlan.Everything with { Components = CalendarComponents.Todo }));
        Assert.Equal(["early"], Query(QueryPlan.Everything with { Text = Encoding.ASCII.GetBytes("ZEBRAWOOD") }));
    }

    [Fact]
    public void The_quota_counts_every_octet_and_is_enforced()
    {
        using var small = new TestCollections(Limits.Default with { DavQuota = 10 });
        Assert.IsType<CollectionReply.Stored>(small.Put(Files.Child("a"), File("12345678")));
        Assert.Equal(CollectionRefusal.QuotaExceeded, small.Refusal(new CollectionRequest.Put(Files.Child("b"), File("12345678"))));
        Assert.Equal(CollectionRefusal.QuotaExceeded, small.Refusal(new CollectionRequest.Transfer(Files.Child("a"), Files.Child("b"), Move: false, Overwrite: true, Deep: true)));
        small.Do(new CollectionRequest.Delete(Files.Child("a")));
        Assert.Equal(new CollectionReply.Quota(0, 10), small.Store.Read(new CollectionRequest.GetQuota()));
    }

    [Fact]
    public void A_folder_is_copied_and_moved_with_its_content()
    {
        var (a, b) = (Files.Child("a"), Files.Child("b"));
        foreach (var folder in new[] { a, a.Child("deep") })
            _collections.Do(new CollectionRequest.MakeCollection(folder, CollectionKind.Folder, CalendarComponents.None, new Dictionary<string, string>()));
        _collections.Put(a.Child("deep").Child("f"), File("text"));
        _collections.Do(new CollectionRequest.Transfer(a, b, Move: false, Overwrite: false, Deep: true));
        Assert.Equal(new CollectionReply.Quota(8, Limits.Default.DavQuota - 8), _collections.Store.Read(new CollectionRequest.GetQuota()));
        Assert.Equal(CollectionRefusal.Exists, _collections.Refusal(new CollectionRequest.Transfer(a, b, Move: true, Overwrite: false, Deep: true)));
        _collections.Do(new CollectionRequest.Transfer(a, Files.Child("c"), Move: true, Overwrite: false, Deep: true));
        _collections.Reopen();
        Assert.Equal("text", _collections.Text(b.Child("deep").Child("f")));
        Assert.Equal("text", _collections.Text(Files.Child("c").Child("deep").Child("f")));
        Assert.Null(_collections.Text(a.Child("deep").Child("f")));
    }

    [Fact]
    public void A_lock_blocks_changes_without_its_token_and_survives_a_restart()
    {
        var path = Files.Child("f");
        var locked = Assert.IsType<CollectionReply.Locked>(_collections.Do(new CollectionRequest.Lock(path, "urn:uuid:1", Exclusive: true, Deep: false, "", TimeSpan.FromMinutes(5))));
        Assert.True(locked.Created);
        _collections.Reopen();
        Assert.Equal(CollectionRefusal.Locked, _collections.Refusal(new CollectionRequest.Put(path, File("x"))));
        Assert.Equal(CollectionRefusal.LockConflict, _collections.Refusal(new CollectionRequest.Lock(path, "urn:uuid:2", Exclusive: false, Deep: false, "", TimeSpan.FromMinutes(5))));
        var named = new Preconditions { If = [new IfConditionList(null, IsForeign: false, [new IfCondition(Not: false, "urn:uuid:1", null)])] };
        Assert.IsType<CollectionReply.Stored>(_collections.Put(path, File("x"), named));
        Assert.IsType<CollectionReply.Done>(_collections.Do(new CollectionRequest.Unlock(path, "urn:uuid:1")));
        Assert.IsType<CollectionReply.Stored>(_collections.Put(path, File("y")));
    }
}
