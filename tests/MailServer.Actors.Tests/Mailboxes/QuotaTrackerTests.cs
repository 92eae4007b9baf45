using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Tests.Mailboxes;

public sealed class QuotaTrackerTests : IDisposable
{
    private readonly OneQuota _directory = new();
    private readonly MailboxParts _parts;

    public QuotaTrackerTests()
    {
        _parts = new MailboxParts(_directory);
        _parts.Mailbox.Open(null);
    }

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void A_changed_quota_applies_to_the_next_message()
    {
        _directory.Quota = 1;
        var refused = _parts.Stage("too large");
        Assert.Equal(MailboxRefusal.OverQuota, ResultOf(refused));
        _directory.Quota = null;
        var stored = _parts.Stage("fits");
        _parts.Staged.Commit();
        Assert.Null(ResultOf(stored));
    }

    [Fact]
    public void While_the_directory_does_not_answer_the_last_quota_applies()
    {
        var answer = new TaskCompletionSource<Account?>();
        _directory.Quota = 1;
        _parts.Quota.Begin();
        _directory.Pending = answer.Task;
        Assert.Equal(MailboxRefusal.OverQuota, ResultOf(_parts.Stage("waits for nothing")));
        Assert.Same(answer.Task, _parts.Loading.Single());
        _parts.Quota.Apply(null);
        Assert.Null(_parts.Mailbox.Store.Quota);
    }

    [Fact]
    public void A_directory_that_fails_leaves_the_quota_as_it_is()
    {
        _directory.Quota = 1;
        _parts.Quota.Begin();
        _directory.Failure = new IOException("no directory");
        _parts.Quota.LookUp();
        Assert.Equal(1, _parts.Mailbox.Store.Quota);
    }

    [Fact]
    public void A_quota_that_arrives_after_the_mailbox_was_closed_is_ignored()
    {
        using var closed = new MailboxParts();
        closed.Quota.Apply(5);
        Assert.False(closed.Mailbox.IsOpen);
    }

    private static MailboxRefusal? ResultOf(MailboxParts.RecordingActor sender) =>
        (sender.Received.OfType<Actors.Mailboxes.MailboxProtocol.Delivered>().Single().Result as MailboxReply.Refused)?.Reason;

    private sealed class OneQuota : IDirectory
    {
        public long? Quota { get; set; }

        public Task<Account?>? Pending { get; set; }

        public Exception? Failure { get; set; }

        public long Version => 0;

        public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) =>
            Failure is not null ? throw Failure
            : Pending is not null ? new ValueTask<Account?>(Pending)
            : ValueTask.FromResult<Account?>(new Account(account, EmailAddress.Parse("ann@example.org"), Enabled: true, DateTimeOffset.UnixEpoch) { Quota = Quota });

        public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => throw new NotSupportedException();
    }
}
