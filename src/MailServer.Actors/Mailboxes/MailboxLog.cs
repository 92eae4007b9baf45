using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Mailboxes;

/// <summary>What a mailbox writes to the log.</summary>
internal sealed partial class MailboxLog(ILogger log, AccountId account)
{
    private readonly ILogger _log = log;

    public void NotOpened(Exception exception) => NotOpened(exception, account);

    public void Failed(Exception exception, string request) => Failed(exception, account, request);

    public void Stored(SpoolId message, Uid uid) => Stored(message, account, uid);

    public void Filtered(SpoolId message, string scripts, string what) => Filtered(message, account, scripts, what);

    public void Notified(string session, ModSeq modSeq) => Notified(session, account, modSeq);

    public void NearQuota(int mark, QuotaUsage use) => NearQuota(account, mark, use.Used, use.Limit);

    public void QuotaUnknown(Exception exception) => QuotaUnknown(exception, account);

    public void Problem(string problem) => Problem(account, problem);

    public void Indexed(long messages, TimeSpan duration) => Indexed(messages, account, duration.TotalSeconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "The mailbox of account {Account} cannot be opened")]
    private partial void NotOpened(Exception exception, AccountId account);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Request} failed in the mailbox of account {Account}")]
    private partial void Failed(Exception exception, AccountId account, string request);

    [LoggerMessage(Level = LogLevel.Information, Message = "Message {Message} stored for account {Account} as UID {Uid}")]
    private partial void Stored(SpoolId message, AccountId account, Uid uid);

    // The trace of the message has it too.
    [LoggerMessage(Level = LogLevel.Debug, Message = "Message {Message} of account {Account} went through the scripts {Scripts}: {What}")]
    private partial void Filtered(SpoolId message, AccountId account, string scripts, string what);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Session {Session} notified of account {Account} up to mod-sequence {ModSeq}")]
    private partial void Notified(string session, AccountId account, ModSeq modSeq);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mailbox of account {Account} has reached {Mark} % of its quota: {Used} of {Quota} octets")]
    private partial void NearQuota(AccountId account, int mark, long used, long? quota);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The quota of account {Account} cannot be read; the previous value stays in effect")]
    private partial void QuotaUnknown(Exception exception, AccountId account);

    [LoggerMessage(Level = LogLevel.Information, Message = "Messages added to the text index of account {Account}: {Messages}, in {Seconds:0.0} s")]
    private partial void Indexed(long messages, AccountId account, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "In the mailbox of account {Account}: {Problem}")]
    private partial void Problem(AccountId account, string problem);
}
