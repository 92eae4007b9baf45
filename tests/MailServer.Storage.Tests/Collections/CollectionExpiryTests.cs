using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Storage.Tests.Collections;

/// <summary>Effects of a clock that was years ahead on <c>dav.db</c>.</summary>
public sealed class CollectionExpiryTests
{
    [Fact]
    public void Locks_and_subscriptions_made_by_a_wrong_clock_do_not_last_for_years()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddYears(10));
        using var collections = new TestCollections(time: clock);
        var file = TestCollections.Files.Child("a");
        collections.Put(file, TestCollections.File("a"));
        Assert.IsType<CollectionReply.Locked>(collections.Do(Lock(file, "urn:uuid:1")));
        Assert.IsType<CollectionReply.Subscribed>(collections.Do(Subscribe(clock.GetUtcNow())));
        Assert.Equal(CollectionRefusal.Locked, collections.Refusal(new CollectionRequest.Put(file, TestCollections.File("b"))));
        collections.PutAll(TestCollections.Calendar, "one");
        Assert.Single(collections.Store.TakeChanges());

        clock.AdjustTime(TimeProvider.System.GetUtcNow());
        collections.Reopen();
        Assert.IsType<CollectionReply.Locked>(collections.Do(Lock(file, "urn:uuid:2")));
        collections.PutAll(TestCollections.Calendar, "two");
        Assert.Empty(collections.Store.TakeChanges());
    }

    private static CollectionRequest.Lock Lock(CollectionPath path, string token) => new(path, token, Exclusive: true, Deep: false, "", TimeSpan.FromMinutes(5));

    private static CollectionRequest.Subscribe Subscribe(DateTimeOffset now) => new(
        TestCollections.Calendar,
        new PushSubscription("1", new AccountId(1), "https://push.test/1", new byte[65], new byte[16], NotifyContent: true, NotifyProperties: false, now + Limits.Default.DavSubscriptionLifetime));
}
