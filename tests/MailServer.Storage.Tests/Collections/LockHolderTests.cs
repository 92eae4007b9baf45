using System.Reflection;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using static MailServer.Storage.Tests.Collections.TestCollections;

namespace MailServer.Storage.Tests.Collections;

/// <summary>
/// A lock token works only for the account that created the lock, for every kind of change. The owner of the collections may also remove the lock of a guest
/// (RFC 4918 §6.4).
/// </summary>
public sealed class LockHolderTests : IDisposable
{
    private const string Token = "urn:uuid:1";
    private static readonly AccountId Ben = new(7);
    private static readonly AccountId Cid = new(8);
    private static readonly CollectionPath Meeting = Calendar.Child("meeting");
    private static readonly CollectionPath Copy = Calendar.Child("copy");

    /// <summary>Every change that a lock can block. All others must be in <see cref="Unguarded"/>.</summary>
    private static readonly Dictionary<Type, Func<CollectionRequest.Change>> Guarded = new()
    {
        [typeof(CollectionRequest.Put)] = () => new CollectionRequest.Put(Meeting, Event("meeting", " changed")),
        [typeof(CollectionRequest.Delete)] = () => new CollectionRequest.Delete(Meeting),
        [typeof(CollectionRequest.SetProperties)] = () => new CollectionRequest.SetProperties(Meeting, [KeyValuePair.Create("{x}y", (string?)"<y xmlns='x'/>")]),
        [typeof(CollectionRequest.Transfer)] = () => new CollectionRequest.Transfer(Meeting, Copy, Move: true, Overwrite: true, Deep: true),
        [typeof(CollectionRequest.RefreshLock)] = () => new CollectionRequest.RefreshLock(Meeting, TimeSpan.FromMinutes(1)),
        [typeof(CollectionRequest.Unlock)] = () => new CollectionRequest.Unlock(Meeting, Token),
        [typeof(CollectionRequest.Lock)] = () => new CollectionRequest.Lock(Meeting, "urn:uuid:2", Exclusive: true, Deep: false, "", TimeSpan.FromMinutes(1)),
    };

    /// <summary>Changes that no lock of a guest can block: changes to the collection itself, which only its owner makes, or to no stored resource. An upload becomes a Put before it reaches the store.</summary>
    private static readonly HashSet<Type> Unguarded =
    [
        typeof(CollectionRequest.MakeCollection), typeof(CollectionRequest.SetGrants), typeof(CollectionRequest.AddMount), typeof(CollectionRequest.RemoveMount),
        typeof(CollectionRequest.DismissInvitation), typeof(CollectionRequest.AddNotice), typeof(CollectionRequest.AddLink), typeof(CollectionRequest.RemoveLinks), typeof(CollectionRequest.Subscribe),
        typeof(CollectionRequest.Unsubscribe), typeof(CollectionRequest.Upload),
    ];

    private readonly TestCollections _collections = new();

    public static TheoryData<string, long, long> Cells
    {
        get
        {
            // 0 is the owner of the calendar.
            long[] accounts = [0, Ben.Value, Cid.Value];
            var cells = new TheoryData<string, long, long>();
            foreach (var change in Guarded.Keys)
                foreach (var holder in accounts)
                    foreach (var user in accounts) cells.Add(change.Name, holder, user);
            return cells;
        }
    }

    public void Dispose() => _collections.Dispose();

    [Fact]
    public void Every_kind_of_change_is_in_the_table()
    {
        var all = typeof(CollectionRequest).GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(CollectionRequest.Change)));
        Assert.Empty(all.Where(t => !Guarded.ContainsKey(t) && !Unguarded.Contains(t)).Select(t => t.Name));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_token_works_only_for_the_account_that_made_the_lock(string name, long holder, long user)
    {
        Prepare();
        Assert.IsType<CollectionReply.Locked>(_collections.Do(new CollectionRequest.Lock(Meeting, Token, Exclusive: true, Deep: false, "", TimeSpan.FromMinutes(10)) { Sharee = AccountOf(holder) }));
        // Even after a restart.
        _collections.Reopen();
        var change = Guarded.Single(g => g.Key.Name == name).Value() with { Sharee = AccountOf(user) };
        var breaks = user == 0 && change is CollectionRequest.Unlock;
        var allowed = breaks || (holder == user && change is not CollectionRequest.Lock);

        var tagged = change with { Conditions = Submitting(Meeting) };
        if (change is not CollectionRequest.Unlock) Assert.NotNull(RefusalOf(change));
        if (allowed) Assert.Null(RefusalOf(tagged));
        else Assert.NotNull(RefusalOf(tagged));

        var ends = allowed && change is (CollectionRequest.Unlock or CollectionRequest.Delete or CollectionRequest.Transfer);
        Assert.Equal(ends, Active().Count == 0);
    }

    [Theory]
    [InlineData(0, 7)]
    [InlineData(7, 0)]
    [InlineData(7, 8)]
    public void A_lock_token_of_another_account_does_not_unlock_even_if_the_condition_holds(long holder, long user)
    {
        Prepare();
        _collections.Do(new CollectionRequest.Lock(Meeting, Token, Exclusive: true, Deep: false, "", TimeSpan.FromMinutes(10)) { Sharee = AccountOf(holder) });
        // (<token>) (Not <DAV:no-lock>): the second list is always true, the first names the lock.
        var conditions = new Preconditions
        {
            If = [new IfConditionList(null, false, [new IfCondition(false, Token, null)]), new IfConditionList(null, false, [new IfCondition(true, "DAV:no-lock", null)])],
        };
        var put = new CollectionRequest.Put(Meeting, Event("meeting", " changed")) { Sharee = AccountOf(user), Conditions = conditions };
        Assert.Equal(CollectionRefusal.Locked, RefusalOf(put));
        Assert.Null(RefusalOf(put with { Sharee = AccountOf(holder) }));
    }

    [Fact]
    public void A_guest_cannot_remove_the_lock_of_another_account_and_the_refusal_states_it()
    {
        foreach (var holder in (AccountId?[])[null, Ben])
        {
            Prepare();
            _collections.Do(new CollectionRequest.Lock(Meeting, Token, Exclusive: true, Deep: false, "", TimeSpan.FromMinutes(10)) { Sharee = holder });
            Assert.Equal(CollectionRefusal.Denied, RefusalOf(new CollectionRequest.Unlock(Meeting, Token) { Sharee = Cid }));
            Assert.Null(RefusalOf(new CollectionRequest.Unlock(Meeting, Token) { Sharee = holder }));
        }
    }

    [Fact]
    public void The_owner_breaks_the_lock_of_a_guest_with_its_discovered_token()
    {
        Prepare();
        Assert.IsType<CollectionReply.Locked>(_collections.Do(new CollectionRequest.Lock(Meeting, Token, Exclusive: true, Deep: false, "", TimeSpan.FromMinutes(10)) { Sharee = Ben }));
        var put = new CollectionRequest.Put(Meeting, Event("meeting", " changed"));
        Assert.Equal(CollectionRefusal.Locked, RefusalOf(put));
        // The token does not allow the owner to change anything while the guest holds the lock.
        Assert.NotNull(RefusalOf(put with { Conditions = Submitting(Meeting) }));
        Assert.Equal(CollectionRefusal.LockUnknown, RefusalOf(new CollectionRequest.Unlock(Meeting, "urn:uuid:unknown")));
        Assert.Null(RefusalOf(new CollectionRequest.Unlock(Meeting, Assert.Single(Active()).Token)));
        Assert.Empty(Active());
        Assert.Null(RefusalOf(put));
        Assert.NotNull(RefusalOf(put with { Sharee = Ben, Conditions = Submitting(Meeting) }));
    }

    [Fact]
    public void Each_holder_of_a_shared_lock_needs_its_own_token()
    {
        Prepare();
        foreach (var (visitor, token) in new[] { ((AccountId?)null, "urn:uuid:a"), (Ben, "urn:uuid:b") })
            Assert.IsType<CollectionReply.Locked>(_collections.Do(new CollectionRequest.Lock(Meeting, token, Exclusive: false, Deep: false, "", TimeSpan.FromMinutes(10)) { Sharee = visitor }));
        var put = new CollectionRequest.Put(Meeting, Event("meeting", " changed")) { Sharee = Ben };
        Assert.NotNull(RefusalOf(put with { Conditions = Submitting(Meeting, "urn:uuid:a") }));
        Assert.Null(RefusalOf(put with { Conditions = Submitting(Meeting, "urn:uuid:b") }));
    }

    private static AccountId? AccountOf(long number) => number == 0 ? null : new AccountId(number);

    private static Preconditions Submitting(CollectionPath path, string token = Token) => new() { If = [new IfConditionList(path, false, [new IfCondition(false, token, null)])] };

    private void Prepare()
    {
        _collections.PutAll(Calendar, "meeting");
        CollectionGrant[] grants = [.. new[] { Ben, Cid }.Select(a => new CollectionGrant(a, EmailAddress.Parse($"u{a}@example.test"), CollectionAccess.ReadWrite, Declined: false, Summary: ""))];
        Assert.IsType<CollectionReply.ItemFound>(_collections.Do(new CollectionRequest.SetGrants(Calendar, grants, [])));
    }

    private IReadOnlyList<ResourceLock> Active() =>
        Assert.IsType<CollectionReply.Locks>(_collections.Store.Read(new CollectionRequest.FindLocks(Meeting))).Active;

    private CollectionRefusal? RefusalOf(CollectionRequest.Change change) => (_collections.Do(change) as CollectionReply.Refused)?.Reason;
}
