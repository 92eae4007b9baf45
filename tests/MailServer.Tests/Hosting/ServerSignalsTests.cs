using MailServer.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Tests.Hosting;

/// <summary>The effect of each signal; the end-to-end tests send them all to a real process.</summary>
public sealed class ServerSignalsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _done = [];

    [Fact]
    public void Every_Linux_signal_is_in_the_table_once()
    {
        // 32 and 33 belong to the C library, which does not let programs handle them.
        Assert.Equal(Enumerable.Range(1, 64).Except([32, 33]), SignalTable.All.Select(static s => s.Number));
        Assert.Equal(SignalTable.All.Count, SignalTable.All.Select(static s => s.Name).Distinct().Count());
    }

    [Fact]
    public void Each_signal_has_the_effect_in_the_table()
    {
        foreach (var rule in SignalTable.All)
        {
            _done.Clear();
            using var signals = ServerSignals.Unregistered(_clock);
            signals.Attach(s => _done.Add("performed " + s.Name), s => _done.Add("ended by " + s.Name));
            signals.Receive(rule);
            Assert.Equal(rule.Effect == SignalEffect.Stop, signals.IsStopRequested);
            Assert.Equal(rule.Effect is SignalEffect.Reload or SignalEffect.ReopenLog ? ["performed " + rule.Name] : Array.Empty<string>(), _done);
        }
    }

    [Fact]
    public void A_second_stop_signal_exits_at_once_unless_it_repeats_the_same_request()
    {
        var stops = SignalTable.All.Where(static s => s.Effect == SignalEffect.Stop).ToArray();
        Assert.Contains(stops, static s => s.Name == "SIGTERM");
        foreach (var first in stops)
        {
            foreach (var second in stops)
            {
                _done.Clear();
                using var signals = ServerSignals.Unregistered(_clock);
                signals.Attach(s => _done.Add("performed " + s.Name), s => _done.Add("ended by " + s.Name));
                signals.Receive(first);
                signals.Receive(second);
                Assert.Empty(_done);
                _clock.Advance(TimeSpan.FromSeconds(1));
                signals.Receive(second);
                Assert.Equal(["ended by " + second.Name], _done);
            }
        }
    }

    [Fact]
    public void Signals_received_during_startup_are_handled_after_it()
    {
        using var signals = ServerSignals.Unregistered(_clock);
        var reload = SignalTable.All.Single(static s => s.Name == "SIGHUP");
        signals.Receive(reload);
        signals.Receive(reload);
        signals.Attach(s => _done.Add("performed " + s.Name), s => _done.Add("ended by " + s.Name));
        Assert.Equal(["performed SIGHUP"], _done);
        signals.Receive(reload);
        Assert.Equal(["performed SIGHUP", "performed SIGHUP"], _done);
    }
}
