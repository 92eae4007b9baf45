using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Actors.Collections;

/// <summary>Whose calendars these are: an account is everyone whose mail it gets and may send.</summary>
internal sealed class CalendarUser(AccountId account, IDirectory directory)
{
    public AccountId Account => account;

    public bool Is(EmailAddress address)
    {
        // Called in the turn of the actor that owns the store, on a thread that may wait for the disk; a directory in SQLite answers at once.
        var answer = directory.MaySendAsAsync(account, address, default);
        return answer.IsCompletedSuccessfully ? answer.Result : answer.AsTask().GetAwaiter().GetResult();
    }
}
