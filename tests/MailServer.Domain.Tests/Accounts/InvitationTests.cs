using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Tests.Accounts;

public sealed class InvitationTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_invitation_is_open_until_it_expires_or_is_used()
    {
        var invitation = new Invitation(EmailAddress.Parse("ann@example.org"), Now, Now.AddDays(7), null);
        Assert.Equal("open", invitation.StateAt(Now));
        Assert.Equal("open", invitation.StateAt(Now.AddDays(7).AddSeconds(-1)));
        Assert.Equal("expired", invitation.StateAt(Now.AddDays(7)));
        Assert.Equal("used", (invitation with { UsedAt = Now }).StateAt(Now));
        Assert.True((invitation with { UsedAt = Now }).HasEndedAt(Now));
    }

    [Fact]
    public void An_invitation_of_a_clock_ten_years_ahead_has_expired() =>
        Assert.Equal("expired", new Invitation(EmailAddress.Parse("ann@example.org"), Now.AddYears(10), Now.AddYears(10).AddDays(7), null).StateAt(Now));
}
