namespace MailServer.Protocol.Calendars.Recurrence;

/// <summary>What one question may still cost. When it is spent, expansion ends and <see cref="Exhausted"/> says so.</summary>
internal sealed class WorkBudget(int steps)
{
    private int _left = steps;

    public bool Exhausted => _left < 0;

    public bool Spend(int steps = 1)
    {
        _left = _left < steps ? -1 : _left - steps;
        return !Exhausted;
    }
}
