using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Actors.Collections;

/// <summary>The owner of the calendars: an account corresponds to every address whose mail it receives and may send.</summary>
internal sealed class CalendarUser(AccountId account, IDirectory directory)
{
    public AccountId Account => account;

    public bool Is(EmailAddress address)
    {
        // Called in the turn of the actor that owns the store, on a thread that may block; an SQLite directory answers immediately.
        var answer = directory.MaySendAsAsync(account, address, default);
        return answer.IsCompletedSuccessfully ? answer.Result : answer.AsTask().GetAwaiter().GetResult();
    }
}
