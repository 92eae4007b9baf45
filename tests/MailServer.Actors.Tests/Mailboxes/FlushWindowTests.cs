using MailServer.Actors.Mailboxes;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Actors.Tests.Mailboxes;

public sealed class FlushWindowTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FlushWindow _window;

    public FlushWindowTests() => _window = new FlushWindow(_time);

    [Fact]
    public void A_window_ends_well_within_the_second_that_is_promised()
    {
        _window.Begin();
        _time.Advance(_window.Length - TimeSpan.FromMilliseconds(1));
        Assert.False(_window.IsOver);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(_window.IsOver);
        Assert.InRange(_window.Length, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(600));
    }

    [Fact]
    public void After_a_failure_the_window_is_longer_until_a_flush_succeeds()
    {
        _window.Begin();
        _time.Advance(FlushWindow.Usual);
        _window.Failed();
        Assert.False(_window.IsOver);
        _time.Advance(FlushWindow.AfterFailure);
        Assert.True(_window.IsOver);
        _window.Succeeded();
        Assert.Equal(FlushWindow.Usual, _window.Length);
    }
}
