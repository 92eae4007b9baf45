using System.Buffers.Text;
using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;

namespace MailServer.Network.Acme;

/// <summary>
/// Solves dns-01 challenges (RFC 8555 §8.4) with a program of the administrator: <c>HOOK present|cleanup NAME VALUE</c> creates and removes the TXT record,
/// and returns 0 when every name server of the zone has it. The program is killed when the server stops.
/// </summary>
public sealed class DnsHookChallenges : IChallengeSolver, IDisposable
{
    private const int MaxWords = 400;

    // Shell exit codes for a program that cannot be run.
    private const int NotExecutable = 126;
    private const int NotFound = 127;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopping;
    private readonly string _program;
    private readonly TimeSpan _patience;

    /// <param name="program">Path of the program.</param>
    /// <param name="patience">Time limit after which it is killed; null: ten minutes.</param>
    public DnsHookChallenges(string program, TimeSpan? patience = null) => (_program, _patience, _stopping) = (program, patience ?? Patience, _stop.Token);

    public string Type => "dns-01";

    public Task PresentAsync(ChallengeAnswer answer, CancellationToken cancel) => RunAsync("present", answer, cancel);

    public async Task WithdrawAsync(ChallengeAnswer answer)
    {
        try
        {
            await RunAsync("cleanup", answer, CancellationToken.None);
        }
        catch (AcmeException)
        {
            // A leftover record is harmless, and the result of the challenge is already known.
        }
    }

    /// <summary>Kills running programs and prevents others from starting.</summary>
    public void Dispose()
    {
        if (_stopping.IsCancellationRequested) return;
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RunAsync(string verb, ChallengeAnswer answer, CancellationToken cancel)
    {
        var value = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(answer.KeyAuthorization)));
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel, _stopping);
        late.CancelAfter(_patience);
        try
        {
            var (code, words) = await HookProcess.RunAsync(_program, [verb, answer.DnsName, value], late.Token);
            if (code is NotExecutable or NotFound) throw new AcmeException(AcmeFailure.Challenge, $"{_program} cannot be started: {Short(words)}");
            if (code != 0) throw new AcmeException(AcmeFailure.Challenge, $"{_program} {verb} ended with {code}: {Short(words)}");
        }
        catch (Win32Exception e)
        {
            throw new AcmeException(AcmeFailure.Challenge, $"{_program} cannot be started: {e.Message}", null, e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            var reason = _stopping.IsCancellationRequested ? "was killed because the server is stopping" : $"took longer than {_patience.TotalMinutes:0.#} minutes";
            throw new AcmeException(AcmeFailure.Challenge, $"{_program} {verb} {reason}", null, e);
        }
    }

    private static string Short(string words) => words[..Math.Min(words.Length, MaxWords)];
}
