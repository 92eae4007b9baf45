using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using static MailServer.Storage.Tests.Collections.TestCollections;

namespace MailServer.Storage.Tests.Collections;

public sealed class CollectionSharingTests : IDisposable
{
    private static readonly AccountId Guest = new(7);
    private static readonly AccountId Stranger = new(8);
    private readonly TestCollections _collections = new();

    public void Dispose() => _collections.Dispose();

    [Fact]
    public void A_visitor_sees_only_what_was_granted_even_after_a_restart()
    {
        _collections.PutAll(Calendar, "a");
        Grant(CollectionAccess.Read);
        _collections.Reopen();
        Assert.IsType<CollectionReply.ItemFound>(Read(new CollectionRequest.Find(Calendar.Child("a"), WithBody: true), Guest));
        Assert.Equal(CollectionRefusal.NotFound, Refused(Read(new CollectionRequest.Find(Calendar.Child("a"), WithBody: true), Stranger)));
        Assert.Equal(CollectionRefusal.NotFound, Refused(Read(new CollectionRequest.Find(Contacts, WithBody: false), Guest)));
        Assert.Equal(CollectionRefusal.NotFound, Refused(Read(new CollectionRequest.List(Calendar.Parent, 0, false), Guest)));
        Assert.Equal(CollectionRefusal.NotFound, Refused(Read(new CollectionRequest.GetQuota(), Guest)));
    }

    [Fact]
    public void A_reader_changes_nothing_and_a_writer_changes_only_members()
    {
        Grant(CollectionAccess.Read);
        Assert.Equal(CollectionRefusal.Denied, _collections.Refusal(new CollectionRequest.Put(Calendar.Child("x"), Event("x")) { Sharee = Guest }));
        Grant(CollectionAccess.ReadWrite);
        Assert.IsType<CollectionReply.Stored>(_collections.Do(new CollectionRequest.Put(Calendar.Child("x"), Event("x")) { Sharee = Guest }));
        Assert.Equal(CollectionRefusal.Denied, _collections.Refusal(new CollectionRequest.Delete(Calendar) { Sharee = Guest }));
        Assert.Equal(CollectionRefusal.Denied, _collections.Refusal(new CollectionRequest.SetProperties(Calendar, []) { Sharee = Guest }));
        Assert.Equal(CollectionRefusal.Denied, _collections.Refusal(new CollectionRequest.Transfer(Calendar.Child("x"), Calendar.Parent.Child("tasks").Child("x"), true, true, true) { Sharee = Guest }));
        Assert.Equal(CollectionRefusal.NotFound, _collections.Refusal(new CollectionRequest.SetGrants(Calendar, [], []) { Sharee = Guest }));
        Grant(CollectionAccess.ReadWrite, declined: true);
        Assert.Equal(CollectionRefusal.NotFound, _collections.Refusal(new CollectionRequest.Delete(Calendar.Child("x")) { Sharee = Guest }));
    }

    [Fact]
    public void What_a_guest_may_change_is_decided_by_the_store_for_every_kind_of_change()
    {
        _collections.PutAll(Calendar, "x", "y");
        var member = Calendar.Child("x");
        var subscription = new PushSubscription("id", Guest, "https://push.example.net/a", new byte[65], new byte[16], NotifyContent: true, NotifyProperties: false, DateTimeOffset.UtcNow.AddDays(7));
        var mount = new CollectionMount(Stranger, EmailAddress.Parse("o@example.org"), Calendar, 12, CollectionAccess.Read, "inv", DateTimeOffset.UnixEpoch, "", IsInvitationPending: true);
        (CollectionRequest.Change Change, CollectionAccess Needed)[] changes =
        [
            (new CollectionRequest.Subscribe(Calendar, subscription), CollectionAccess.Read),
            (new CollectionRequest.Put(member, Event("x", "2")), CollectionAccess.ReadWrite),
            (new CollectionRequest.Upload(member, default, null), CollectionAccess.ReadWrite),
            (new CollectionRequest.Delete(member), CollectionAccess.ReadWrite),
            (new CollectionRequest.SetProperties(member, []), CollectionAccess.ReadWrite),
            (new CollectionRequest.Transfer(member, Calendar.Child("z"), Move: true, Overwrite: true, Deep: true), CollectionAccess.ReadWrite),
            (new CollectionRequest.Lock(member, "urn:a", true, false, "", TimeSpan.FromMinutes(1)), CollectionAccess.ReadWrite),
            (new CollectionRequest.RefreshLock(member, TimeSpan.FromMinutes(1)), CollectionAccess.ReadWrite),
            (new CollectionRequest.Unlock(member, "urn:a"), CollectionAccess.ReadWrite),
            (new CollectionRequest.Delete(Calendar), CollectionAccess.Owner),
            (new CollectionRequest.SetProperties(Calendar, []), CollectionAccess.Owner),
            (new CollectionRequest.Transfer(member, Calendar.Parent.Child("tasks").Child("x"), Move: true, Overwrite: true, Deep: true), CollectionAccess.Owner),
            (new CollectionRequest.MakeCollection(Calendar.Parent.Child("new"), CollectionKind.Calendar, CalendarComponents.Default, new Dictionary<string, string>()), CollectionAccess.Owner),
            (new CollectionRequest.SetGrants(Calendar, [], []), CollectionAccess.Owner),
            (new CollectionRequest.AddMount("m", mount), CollectionAccess.Owner),
            (new CollectionRequest.RemoveMount(Stranger, 12), CollectionAccess.Owner),
            (new CollectionRequest.DismissInvitation("inv"), CollectionAccess.Owner),
            (new CollectionRequest.AddNotice(Notice("n")), CollectionAccess.Owner),
            (new CollectionRequest.AddLink(Calendar, "s"), CollectionAccess.Owner),
            (new CollectionRequest.RemoveLinks(Calendar), CollectionAccess.Owner),
            (new CollectionRequest.Unsubscribe("id", Guest), CollectionAccess.Owner),
        ];
        var known = changes.Select(static c => c.Change.GetType()).ToHashSet();
        Assert.DoesNotContain(typeof(CollectionRequest).GetNestedTypes(), type => type.IsSubclassOf(typeof(CollectionRequest.Change)) && !known.Contains(type));
        foreach (var granted in new[] { CollectionAccess.None, CollectionAccess.Read, CollectionAccess.ReadWrite })
        {
            if (granted != CollectionAccess.None) Grant(granted);
            foreach (var (change, needed) in changes)
            {
                var reply = _collections.Store.Change(change with { Sharee = Guest }, _ => CollectionReply.Done.Instance);
                Assert.True((needed <= granted) == reply is CollectionReply.Done, $"{granted}: {change.GetType().Name} was answered with {reply}");
            }
        }
    }

    [Fact]
    public void A_calendar_recreated_under_an_old_name_is_not_shared()
    {
        Grant(CollectionAccess.ReadWrite);
        _collections.Do(new CollectionRequest.Delete(Calendar));
        _collections.Do(new CollectionRequest.MakeCollection(Calendar, CollectionKind.Calendar, CalendarComponents.Default, new Dictionary<string, string>()));
        Assert.Equal(CollectionRefusal.NotFound, Refused(Read(new CollectionRequest.Find(Calendar, WithBody: false), Guest)));
    }

    [Fact]
    public void A_calendar_keeps_its_guests_and_its_identity_when_it_is_moved_but_a_copy_is_not_shared()
    {
        Grant(CollectionAccess.ReadWrite);
        var id = IdOf(Calendar);
        var (copy, moved) = (Calendar.Parent.Child("copy"), Calendar.Parent.Child("moved"));
        _collections.Do(new CollectionRequest.Transfer(Calendar, copy, false, true, true));
        _collections.Do(new CollectionRequest.Transfer(Calendar, moved, true, true, true));
        _collections.Reopen();
        Assert.Equal(id, IdOf(moved));
        foreach (var path in new[] { Calendar, copy }) Assert.Equal(CollectionRefusal.NotFound, Refused(Read(new CollectionRequest.Find(path, WithBody: false), Guest)));
    }

    [Fact]
    public void A_mount_appears_in_the_home_and_redirects_requests_to_the_owner()
    {
        var mount = Mount();
        _collections.Reopen();
        Assert.IsType<CollectionReply.Mounted>(_collections.Store.Read(new CollectionRequest.Find(mount.Path.Child("a"), WithBody: true)));
        Assert.IsType<CollectionReply.Mounted>(_collections.Do(new CollectionRequest.Put(mount.Path.Child("a"), Event("a"))));
        Assert.IsType<CollectionReply.Mounted>(_collections.Do(new CollectionRequest.Transfer(Calendar.Child("a"), mount.Path.Child("a"), true, true, true)));
        Assert.Equal(mount.Id, Mount().Id);
        _collections.Do(new CollectionRequest.RemoveMount(new AccountId(3), 12));
        Assert.Equal(CollectionRefusal.NotFound, Refused(_collections.Store.Read(new CollectionRequest.Find(mount.Path, WithBody: false))));
    }

    [Fact]
    public void Notices_are_kept_until_they_are_dismissed_and_the_oldest_make_room()
    {
        for (var n = 0; n < 105; n++) _collections.Do(new CollectionRequest.AddNotice(Notice($"n{n}")));
        _collections.Reopen();
        var notices = Notices();
        Assert.Equal(100, notices.Count);
        Assert.Equal(Notice("n5"), notices[0]);
        _collections.Do(new CollectionRequest.DismissInvitation("n5"));
        Assert.Equal("n6", Notices()[0].Id);
    }

    [Fact]
    public void A_link_is_valid_until_it_is_revoked_or_its_calendar_is_removed()
    {
        _collections.Do(new CollectionRequest.AddLink(Calendar, "1-secret"));
        _collections.Reopen();
        Assert.Equal(["1-secret"], Links());
        _collections.Do(new CollectionRequest.RemoveLinks(Calendar));
        Assert.Empty(Links());
        _collections.Do(new CollectionRequest.AddLink(Calendar, "1-other"));
        _collections.Do(new CollectionRequest.Delete(Calendar));
        Assert.Empty(Links());
    }

    [Fact]
    public void Subscribers_are_notified_of_committed_changes_only()
    {
        var subscription = new PushSubscription("id", Guest, "https://push.example.net/a", new byte[65], new byte[16], NotifyContent: true, NotifyProperties: false, DateTimeOffset.UtcNow.AddDays(7));
        _collections.Do(new CollectionRequest.Subscribe(Calendar, subscription));
        var again = Assert.IsType<CollectionReply.Subscribed>(_collections.Do(new CollectionRequest.Subscribe(Calendar, subscription with { Id = "new" })));
        Assert.Equal("id", again.Subscription.Id);
        _collections.Reopen();
        _collections.PutAll(Calendar, "a", "b");
        Assert.Equal(2, _collections.Store.TakeChanges().Count);
        _collections.PutAll(Calendar.Parent.Child("tasks").Parent.Child("calendar"), "c");
        Assert.Single(_collections.Store.TakeChanges());
        _collections.Store.Change(new CollectionRequest.Put(Calendar.Child("d"), Event("d")));
        _collections.Store.Rollback();
        Assert.Empty(_collections.Store.TakeChanges());
        Assert.Equal(CollectionRefusal.NotFound, _collections.Refusal(new CollectionRequest.Unsubscribe("id", Stranger)));
        _collections.Do(new CollectionRequest.Unsubscribe("id", Guest));
        _collections.PutAll(Calendar, "e");
        Assert.Empty(_collections.Store.TakeChanges());
    }

    private void Grant(CollectionAccess access, bool declined = false) => Assert.IsType<CollectionReply.ItemFound>(_collections.Do(
        new CollectionRequest.SetGrants(Calendar, [new CollectionGrant(Guest, EmailAddress.Parse("g@example.org"), access, declined, "")], [])));

    private CollectionInfo Mount() => Assert.IsType<CollectionReply.ItemFound>(_collections.Do(new CollectionRequest.AddMount("calendar", new CollectionMount(
        new AccountId(3), EmailAddress.Parse("o@example.org"), Calendar, 12, CollectionAccess.Read, "inv", DateTimeOffset.UnixEpoch, "", IsInvitationPending: true)))).Collection!;

    private static SharingNotice Notice(string id) =>
        new(id, SharingEvent.Declined, DateTimeOffset.UnixEpoch.AddDays(1), EmailAddress.Parse("g@example.org"), Calendar, CollectionAccess.ReadWrite, "inv", "Ours");

    private IReadOnlyList<SharingNotice> Notices() => Assert.IsType<CollectionReply.Notices>(_collections.Store.Read(new CollectionRequest.ListNotices())).All;

    private IEnumerable<string> Links() => Assert.IsType<CollectionReply.Links>(_collections.Store.Read(new CollectionRequest.ListLinks())).Active.Select(link => link.Secret);

    /// <summary>The identity of a collection that the guest sees.</summary>
    private long? IdOf(CollectionPath path) => Assert.IsType<CollectionReply.ItemFound>(Read(new CollectionRequest.Find(path, WithBody: false), Guest)).Collection?.Id;

    private CollectionReply Read(CollectionRequest request, AccountId visitor) => _collections.Store.Read(request with { Sharee = visitor });

    private static CollectionRefusal Refused(CollectionReply reply) => Assert.IsType<CollectionReply.Refused>(reply).Reason;
}
