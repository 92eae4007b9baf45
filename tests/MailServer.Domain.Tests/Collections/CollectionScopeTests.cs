using System.Reflection;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;

namespace MailServer.Domain.Tests.Collections;

/// <summary>Every request either concerns one collection or is the account's; a new one must be named here.</summary>
public sealed class CollectionScopeTests
{
    private static readonly CollectionPath Calendars = CollectionPath.HomeOf(CollectionSpace.Calendars);
    private static readonly CollectionPath Calendar = Calendars.Child("work");
    private static readonly CollectionPath Event = Calendar.Child("a.ics");
    private static readonly NewResource Resource = new() { Body = default, ETag = "e", ContentType = "text/calendar" };
    private static readonly PushSubscription Subscription = new("id", new AccountId(1), "https://push.example.net/", default, default, true, true, DateTimeOffset.UnixEpoch);
    private static readonly CollectionMount Mount = new(new AccountId(2), EmailAddress.Parse("o@example.org"), Calendar, 3, CollectionAccess.Read, "i", DateTimeOffset.UnixEpoch, "", IsInvitationPending: true);

    private static readonly SharingNotice Notice = new("n", SharingEvent.Accepted, DateTimeOffset.UnixEpoch, EmailAddress.Parse("g@example.org"), Calendar, CollectionAccess.Read, "i", "");

    private static readonly CollectionRequest[] OfOneCollection =
    [
        new CollectionRequest.Find(Event, WithBody: true), new CollectionRequest.List(Calendar, 0, WithProperties: false),
        new CollectionRequest.Query(Calendar, 0, QueryPlan.Everything), new CollectionRequest.Search(Calendar, 0, default),
        new CollectionRequest.ListBusyTimes(Calendar, 0, null, null), new CollectionRequest.ReadMany(Calendar, [], WithBody: true),
        new CollectionRequest.Synchronise(Calendar, null, 0, null, 1), new CollectionRequest.FindLocks(Calendar),
        new CollectionRequest.Put(Event, Resource), new CollectionRequest.Upload(Event, default, null), new CollectionRequest.Delete(Event), new CollectionRequest.SetProperties(Calendar, []),
        new CollectionRequest.Lock(Event, "t", true, false, "", TimeSpan.FromMinutes(1)), new CollectionRequest.RefreshLock(Event, TimeSpan.FromMinutes(1)),
        new CollectionRequest.Unlock(Event, "t"), new CollectionRequest.Subscribe(Calendar, Subscription),
    ];

    private static readonly CollectionRequest[] OfTheAccount =
    [
        new CollectionRequest.Delete(Calendar), new CollectionRequest.List(Calendars, 0, WithProperties: false), new CollectionRequest.Find(Calendars, WithBody: false),
        new CollectionRequest.GetQuota(), new CollectionRequest.MakeCopy("f"), new CollectionRequest.Check(Repair: false), new CollectionRequest.ListMounts(),
        new CollectionRequest.ListLinks(), new CollectionRequest.ListNotices(), new CollectionRequest.ReadAttachment("a"), new CollectionRequest.ListAttachmentUses("a", null),
        new CollectionRequest.MakeCollection(Calendar, CollectionKind.Calendar, CalendarComponents.Default, new Dictionary<string, string>()),
        new CollectionRequest.Transfer(Event, Calendars.Child("home").Child("a.ics"), Move: true, Overwrite: false, Deep: true),
        new CollectionRequest.SetGrants(Calendar, [], []), new CollectionRequest.AddMount("n", Mount), new CollectionRequest.RemoveMount(new AccountId(2), 3),
        new CollectionRequest.DismissInvitation("i"), new CollectionRequest.AddNotice(Notice), new CollectionRequest.AddLink(Calendar, "s"), new CollectionRequest.RemoveLinks(Calendar),
        new CollectionRequest.Unsubscribe("id", null),
    ];

    [Fact]
    public void Requests_about_one_collection_name_it() => Assert.All(OfOneCollection, request => Assert.Equal(Calendar, CollectionScope.Of(request)));

    [Fact]
    public void Other_requests_are_the_accounts() => Assert.All(OfTheAccount, request => Assert.Null(CollectionScope.Of(request)));

    [Fact]
    public void Every_request_is_one_or_the_other()
    {
        var known = OfOneCollection.Concat(OfTheAccount).Select(static request => request.GetType()).ToHashSet();
        Assert.DoesNotContain(typeof(CollectionRequest).GetNestedTypes(BindingFlags.Public), type => !type.IsAbstract && !known.Contains(type));
    }

    [Fact]
    public void All_files_of_an_account_are_one_collection()
    {
        var files = CollectionPath.HomeOf(CollectionSpace.Files);
        Assert.Equal(files, CollectionScope.Of(new CollectionRequest.Put(files.Child("a").Child("b.txt"), Resource)));
        Assert.Equal(files, CollectionScope.Of(new CollectionRequest.List(files, 0, WithProperties: false)));
        Assert.Equal(files, CollectionScope.Of(new CollectionRequest.Delete(files.Child("a"))));
    }
}
