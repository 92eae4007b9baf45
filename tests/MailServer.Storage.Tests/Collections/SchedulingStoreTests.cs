using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Storage.Collections;

namespace MailServer.Storage.Tests.Collections;

public sealed class SchedulingStoreTests : IDisposable
{
    private static readonly EmailAddress Alice = EmailAddress.Parse("alice@a.test");
    private static readonly SchedulingMessage Message = new(0, "REQUEST", Alice, EmailAddress.Parse("bob@b.test"), "one", "body"u8.ToArray(), DateTimeOffset.UnixEpoch);
    private readonly TestCollections _collections = new(Limits.Default with { ScheduleInbox = 3 });

    private SchedulingStore Scheduling => _collections.Store.Scheduling;

    public void Dispose() => _collections.Dispose();

    [Fact]
    public void Messages_are_kept_in_order_until_they_are_finished()
    {
        var first = Scheduling.Enqueue(Message);
        var second = Scheduling.Enqueue(Message with { Method = "CANCEL" });
        _collections.Store.Commit();
        _collections.Reopen();
        Assert.Equal([first.Id, second.Id], Scheduling.Messages(0, 10).Select(m => m.Id));
        Assert.Equal((Alice, "CANCEL", "body"), (Scheduling.Messages(first.Id, 10)[0].Sender, Scheduling.Messages(first.Id, 10)[0].Method, System.Text.Encoding.UTF8.GetString(Scheduling.Messages(first.Id, 10)[0].Body.Span)));
        Scheduling.Remove(first.Id);
        _collections.Store.Commit();
        _collections.Reopen();
        Assert.Equal(1, Scheduling.PendingCount);
        Assert.True(Scheduling.Enqueue(Message).Id > second.Id);
    }

    [Fact]
    public void A_rolled_back_change_also_removes_its_messages()
    {
        _collections.Store.Change(new CollectionRequest.Put(TestCollections.Calendar.Child("m"), Meeting("one")));
        Scheduling.Enqueue(Message);
        _collections.Store.Rollback();
        Assert.Equal(0, Scheduling.PendingCount);
        Assert.Null(Scheduling.Find("one"));
    }

    [Fact]
    public void A_meeting_is_unique_across_calendars_and_found_by_its_UID()
    {
        var other = CollectionPath.HomeOf(CollectionSpace.Calendars).Child("other");
        _collections.Do(new CollectionRequest.MakeCollection(other, CollectionKind.Calendar, CalendarComponents.Event, new Dictionary<string, string>()));
        _collections.Put(TestCollections.Calendar.Child("m"), Meeting("one"));
        Assert.Equal(CollectionRefusal.ScheduledElsewhere, _collections.Refusal(new CollectionRequest.Put(other.Child("n"), Meeting("one"))));
        Assert.Equal(CollectionRefusal.ScheduledElsewhere, _collections.Refusal(new CollectionRequest.Transfer(TestCollections.Calendar.Child("m"), other.Child("n"), Move: false, Overwrite: false, Deep: true)));
        Assert.IsType<CollectionReply.Stored>(_collections.Do(new CollectionRequest.Transfer(TestCollections.Calendar.Child("m"), other.Child("n"), Move: true, Overwrite: false, Deep: true)));
        Assert.Equal(other.Child("n"), Scheduling.Find("one"));
        Assert.Equal(new ItipRevision(2, 3), Scheduling.RevisionOf(Scheduling.Read(other.Child("n"))!));
        _collections.Do(new CollectionRequest.Delete(other));
        Assert.Null(Scheduling.Find("one"));
    }

    [Fact]
    public void A_change_with_another_schedule_tag_is_refused()
    {
        var path = TestCollections.Calendar.Child("m");
        _collections.Put(path, Meeting("one"));
        Assert.Equal(CollectionRefusal.PreconditionFailed, _collections.Refusal(new CollectionRequest.Put(path, Meeting("one")) { Conditions = new Preconditions { IfScheduleTag = "other" } }));
        Assert.IsType<CollectionReply.Stored>(_collections.Put(path, Meeting("one"), new Preconditions { IfScheduleTag = "tag" }));
    }

    [Fact]
    public void The_inbox_stores_a_message_once_and_keeps_the_newest_ones()
    {
        foreach (var name in new[] { "a", "a", "b", "c", "d" })
        {
            Scheduling.Deposit(name, TestCollections.Event(name) with { Uid = null });
            _collections.Store.Commit();
        }

        Assert.Equal(["b", "c", "d"], _collections.Names(SchedulingStore.Inbox));
        _collections.Do(new CollectionRequest.Delete(SchedulingStore.Inbox.Child("c")));
        Scheduling.Deposit("c", TestCollections.Event("c") with { Uid = null });
        _collections.Store.Commit();
        Assert.Equal(["b", "d"], _collections.Names(SchedulingStore.Inbox));
    }

    [Fact]
    public void The_scheduling_inbox_and_outbox_cannot_be_removed_or_written_by_clients()
    {
        Assert.Equal(CollectionRefusal.WrongPlace, _collections.Refusal(new CollectionRequest.Delete(SchedulingStore.Inbox)));
        Assert.Equal(CollectionRefusal.WrongPlace, _collections.Refusal(new CollectionRequest.Put(SchedulingStore.Outbox.Child("x"), Meeting("one"))));
        Scheduling.Deposit("a", TestCollections.Event("a") with { Uid = null });
        Assert.Equal(CollectionRefusal.WrongPlace, _collections.Refusal(new CollectionRequest.Transfer(SchedulingStore.Inbox.Child("a"), TestCollections.Calendar.Child("a"), Move: true, Overwrite: true, Deep: true)));
    }

    [Fact]
    public void Accounts_with_pending_messages_are_found_without_opening_their_stores()
    {
        var root = System.IO.Directory.CreateTempSubdirectory("mailserver-").FullName;
        var options = new CollectionStoreOptions { Directory = Path.Combine(root, "user_7"), Limits = Limits.Default };
        System.IO.Directory.CreateDirectory(Path.Combine(root, "user_8"));
        using (var store = CollectionStore.Open(options, TimeProvider.System))
        {
            var message = store.Scheduling.Enqueue(Message);
            store.Commit();
            Assert.Equal([new AccountId(7)], PendingSchedulingMarker.Find(root));
            store.Scheduling.Remove(message.Id);
            store.Commit();
            Assert.Empty(PendingSchedulingMarker.Find(root));
        }

        System.IO.Directory.Delete(root, recursive: true);
    }

    private static NewResource Meeting(string uid) => TestCollections.Event(uid) with { ScheduleTag = "tag", Revision = new ItipRevision(2, 3) };
}
