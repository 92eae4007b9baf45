using MailServer.Domain.Accounts;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Mailboxes;

internal sealed partial class MailboxActor
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The mailbox of account {Account} cannot be opened")]
    private partial void LogNotOpened(Exception exception, AccountId account);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Request} failed in the mailbox of account {Account}")]
    private partial void LogFailed(Exception exception, AccountId account, string request);

    [LoggerMessage(Level = LogLevel.Warning, Message = "In the mailbox of account {Account}: {Problem}")]
    private partial void LogProblem(AccountId account, string problem);
}
