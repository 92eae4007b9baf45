using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Mailboxes;

internal sealed partial class MailboxActor
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The mailbox of account {Account} cannot be opened")]
    private partial void LogNotOpened(Exception exception, AccountId account);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Request} failed in the mailbox of account {Account}")]
    private partial void LogFailed(Exception exception, AccountId account, string request);

    [LoggerMessage(Level = LogLevel.Information, Message = "Message {Message} stored for account {Account} as UID {Uid}")]
    private partial void LogFiled(SpoolId message, AccountId account, Uid uid);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Session {Session} notified of account {Account} up to mod-sequence {ModSeq}")]
    private partial void LogPushed(string session, AccountId account, ModSeq modSeq);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mailbox of account {Account} has reached {Mark} % of its quota: {Used} of {Quota} octets")]
    private partial void LogQuota(AccountId account, int mark, long used, long? quota);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The quota of account {Account} cannot be read; the previous value stays in effect")]
    private partial void LogQuotaUnknown(Exception exception, AccountId account);

    [LoggerMessage(Level = LogLevel.Warning, Message = "In the mailbox of account {Account}: {Problem}")]
    private partial void LogProblem(AccountId account, string problem);
}
