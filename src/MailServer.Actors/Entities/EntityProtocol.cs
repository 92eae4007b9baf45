using MailServer.Domain.Accounts;

namespace MailServer.Actors.Entities;

/// <summary>A message to the actor that owns an account's mailbox or collections, on whichever node it is.</summary>
public interface IForAccount
{
    AccountId Account { get; }
}

/// <summary>Stops the account's actor, if it is running.</summary>
public interface IClosesAccount : IForAccount;

/// <summary>Sent by an idle actor to its parent; messages for it are queued until it has stopped.</summary>
internal sealed record Passivate
{
    public static Passivate Instance { get; } = new();
}
