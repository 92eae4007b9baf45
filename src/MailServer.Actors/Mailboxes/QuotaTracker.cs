using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Measurements;

namespace MailServer.Actors.Mailboxes;

/// <summary>The quota of a mailbox. The directory is read before a message is added, so a changed quota applies to the next message.</summary>
/// <param name="mailbox">The mailbox.</param>
/// <param name="directory">Source of the quota; null: no quotas.</param>
/// <param name="loading">Receives a query that is not answered at once; its result is passed to <see cref="Apply"/>.</param>
internal sealed class QuotaTracker(RecoverableMailbox mailbox, IDirectory? directory, Action<Task<Account?>> loading)
{
    private int _mark;

    /// <summary>Called when the mailbox was opened. A mailbox that is already near its quota was reported before.</summary>
    public void Begin()
    {
        LookUp();
        _mark = mailbox.Store.Use.WarningLevel;
    }

    /// <summary>Reads the quota. Until the directory answers the last value applies, so a delivery does not wait for it.</summary>
    public void LookUp()
    {
        if (directory is null) return;
        try
        {
            var pending = directory.FindAccountAsync(mailbox.Account, CancellationToken.None);
            if (pending.IsCompletedSuccessfully) Apply(pending.Result?.Quota);
            else loading(pending.AsTask());
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            mailbox.Log.QuotaUnknown(e);
        }
    }

    public void Apply(long? quota)
    {
        if (!mailbox.IsOpen || mailbox.Store.Quota == quota) return;
        mailbox.Store.Quota = quota;
        _mark = Math.Min(_mark, mailbox.Store.Use.WarningLevel);
    }

    /// <summary>Warns once for each mark that is exceeded, and again only after usage has dropped below it.</summary>
    public void Warn()
    {
        var use = mailbox.Store.Use;
        var mark = use.WarningLevel;
        if (mark > _mark)
        {
            ServerMetrics.QuotaWarnings.Add(1);
            mailbox.Log.NearQuota(mark, use);
        }

        _mark = mark;
    }

    /// <summary>Counts a message that the quota refuses.</summary>
    /// <param name="refusal">The reason of a refusal, if there was one.</param>
    /// <param name="action">How the message was added: delivery, append or copy.</param>
    public static void Count(MailboxRefusal? refusal, string action)
    {
        if (refusal == MailboxRefusal.OverQuota) ServerMetrics.QuotaRefusals.Add(1, new KeyValuePair<string, object?>("of", action));
    }
}
