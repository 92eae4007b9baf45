namespace MailServer.Domain.Accounts;

/// <summary>The id of an account. Ids are never reused, so that data cached for a removed account cannot reach a new one.</summary>
public readonly record struct AccountId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
