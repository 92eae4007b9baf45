namespace MailServer.Domain.Accounts;

/// <summary>The number of an account. Never used twice, so that nothing cached for a removed account can reach a new one.</summary>
public readonly record struct AccountId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
