namespace MailServer.Protocol.Calendars.Recurrence;

/// <summary>The remaining work that one query may take. When it is used up, expansion stops and <see cref="Exhausted"/> is true.</summary>
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
