namespace Engine.Layers;

/// <summary>Tokens that were not learned, and where their names stand in a text.</summary>
internal sealed class SpecialTokens
{
    private readonly (string Token, int Id)[] byLength;
    private readonly HashSet<int> ids;

    public SpecialTokens(TokenTable table, IEnumerable<string> tokens)
    {
        byLength = [.. tokens.Distinct(StringComparer.Ordinal).Select(token => (token, Id: table.Find(token)))
            .Where(one => one.Id is not null).Select(one => (one.token, one.Id!.Value)).OrderByDescending(one => one.token.Length)];
        ids = [.. byLength.Select(one => one.Id)];
        Ids = [.. ids.Order()];
    }

    public IReadOnlyList<int> Ids { get; }

    public bool Contains(int id) => ids.Contains(id);

    /// <summary>Those in a text, from the first on; of those that begin at the same place, the longest.</summary>
    public IEnumerable<(int At, int Length, int Id)> In(string text)
    {
        int[] next = new int[byLength.Length];      // where each comes next: one that is not there is looked for once
        next.AsSpan().Fill(-1);
        for (int from = 0; ;)
        {
            int first = -1;
            for (int i = 0; i < next.Length; i++)
            {
                if (next[i] < from) next[i] = text.IndexOf(byLength[i].Token, from, StringComparison.Ordinal) is var at and >= 0 ? at : int.MaxValue;
                if (next[i] < int.MaxValue && (first < 0 || next[i] < next[first])) first = i;
            }
            if (first < 0) yield break;
            yield return (next[first], byLength[first].Token.Length, byLength[first].Id);
            from = next[first] + byLength[first].Token.Length;
        }
    }
}
