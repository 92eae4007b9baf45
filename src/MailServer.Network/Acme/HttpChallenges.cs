using System.Collections.Concurrent;

namespace MailServer.Network.Acme;

/// <summary>Solves http-01 challenges (RFC 8555 §8.3): answers by token, for the HTTP listener on port 80.</summary>
public sealed class HttpChallenges : IChallengeSolver
{
    /// <summary>The path prefix of the tokens.</summary>
    public const string Path = "/.well-known/acme-challenge/";

    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);

    public string Type => "http-01";

    public string? Answer(string token) => _answers.GetValueOrDefault(token);

    public Task PresentAsync(ChallengeAnswer answer, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(answer);
        _answers[answer.Token] = answer.KeyAuthorization;
        return Task.CompletedTask;
    }

    public Task WithdrawAsync(ChallengeAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        _answers.TryRemove(answer.Token, out _);
        return Task.CompletedTask;
    }
}
