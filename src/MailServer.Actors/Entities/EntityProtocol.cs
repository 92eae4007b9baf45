using MailServer.Domain.Accounts;

namespace MailServer.Actors.Entities;

/// <summary>A message for the one actor that owns something of an account (its mailbox, its collections), wherever that actor lives.</summary>
public interface IForAccount
{
    AccountId Account { get; }
}

/// <summary>Stop the account's actor, if there is one.</summary>
public interface IClosesAccount : IForAccount;

/// <summary>An idle actor asks its parent to be stopped; messages for it wait until it has been.</summary>
internal sealed record Passivate
{
    public static Passivate Instance { get; } = new();
}
