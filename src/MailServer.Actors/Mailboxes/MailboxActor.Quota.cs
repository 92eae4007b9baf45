using Akka.Actor;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Measurements;

namespace MailServer.Actors.Mailboxes;

// Mailbox quota. The directory is read before a message is added, so a changed quota applies to the next message.
internal sealed partial class MailboxActor
{
    private int _mark;

    /// <summary>A mailbox that is near its quota when opened was already reported.</summary>
    private void BeginQuota()
    {
        LookUpQuota();
        _mark = Store.Use.WarningLevel;
    }

    private void LookUpQuota()
    {
        if (_services.Directory is not { } directory) return;
        try
        {
            var pending = directory.FindAccountAsync(Account, CancellationToken.None);
            if (pending.IsCompletedSuccessfully) TakeQuota(pending.Result?.Quota);
            // Until the result arrives the last value applies, so a delivery does not wait for it.
            else pending.AsTask().PipeTo(Self, success: static found => new QuotaLoaded(found?.Quota), failure: _ => new QuotaLoaded(_store?.Quota));
        }
        catch (Exception e) when (IsStorageFailure(e))
        {
            LogQuotaUnknown(e, Account);
        }
    }

    private void TakeQuota(long? quota)
    {
        if (_store is null || _store.Quota == quota) return;
        _store.Quota = quota;
        _mark = Math.Min(_mark, _store.Use.WarningLevel);
    }

    private MailboxReply Quota(FolderName? folder)
    {
        if (folder is { } name && !Store.HasFolder(name)) return new MailboxReply.Refused(MailboxRefusal.NoSuchFolder);
        LookUpQuota();
        return new MailboxReply.Quota(Store.Use);
    }

    private MailboxReply? Copy(MailboxRequest.Copy copy)
    {
        LookUpQuota();
        var outcome = Store.Copy(copy.Folder, copy.Uids.Span, copy.Target, copy.Move);
        if (outcome.Refusal == MailboxRefusal.OverQuota) CountRefusal("copy");
        var reply = Outcome(outcome, Copied);
        WarnOfQuota();
        return reply;
    }

    private void Refuse(StagedMessage staged, MailboxRefusal refusal)
    {
        if (refusal == MailboxRefusal.OverQuota) CountRefusal(staged.Delivered ? "delivery" : "append");
        staged.Answer(Self, Account, new MailboxReply.Refused(refusal));
    }

    /// <summary>Warns once for each mark that is exceeded, and again only after usage has dropped below it.</summary>
    private void WarnOfQuota()
    {
        var use = Store.Use;
        var mark = use.WarningLevel;
        if (mark > _mark)
        {
            ServerMetrics.QuotaWarnings.Add(1);
            LogQuota(Account, mark, use.Used, use.Limit);
        }

        _mark = mark;
    }

    private static void CountRefusal(string what) => ServerMetrics.QuotaRefusals.Add(1, new KeyValuePair<string, object?>("of", what));

    private sealed record QuotaLoaded(long? Quota) : INoSerializationVerificationNeeded;
}
