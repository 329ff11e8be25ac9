namespace Engine.Core;

/// <summary>An equation of <see cref="Tensor.Einsum"/> for tensors of known ranks. An axis's label is its letter, or a number below 0 for one of
/// those that "..." stands for: −1 is the last of them.</summary>
/// <param name="Text">As it was given.</param>
/// <param name="Inputs">The labels of each tensor's axes.</param>
/// <param name="Output">The labels of the result's.</param>
internal sealed record EinsumEquation(string Text, int[][] Inputs, int[] Output)
{
    private const string Dots = "...";

    public static EinsumEquation Parse(string text, ReadOnlySpan<Tensor> operands)
    {
        string bare = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        int arrow = bare.IndexOf("->", StringComparison.Ordinal);
        string[] terms = (arrow < 0 ? bare : bare[..arrow]).Split(',');
        if (terms.Length != operands.Length)
            throw new ArgumentException($"Einsum: \"{text}\" has {terms.Length} terms for {operands.Length} tensors. Write one a tensor, with commas between.", nameof(text));
        var inputs = new int[terms.Length][];
        int most = 0;
        for (int i = 0; i < terms.Length; i++)
        {
            int letters = Letters(text, terms[i]), spare = operands[i].Rank - letters;
            bool open = terms[i].Contains(Dots);
            if (open ? spare < 0 : spare != 0)
                throw new ShapeException($"Einsum: \"{terms[i]}\" of \"{text}\" names {letters} axes{(open ? " and more" : "")}, and tensor {i}, {operands[i].Describe()}, has {operands[i].Rank}.");
            inputs[i] = Labels(terms[i], spare);
            if (open) most = Math.Max(most, spare);
        }
        int[] known = [.. inputs.SelectMany(labels => labels)];
        return new EinsumEquation(text, inputs, arrow < 0 ? Implicit(known, most) : Explicit(text, bare[(arrow + 2)..], known, most));
    }

    /// <summary>The size of each label.</summary>
    public Dictionary<int, int> Sizes(ReadOnlySpan<Tensor> operands)
    {
        var sizes = new Dictionary<int, int>();
        for (int i = 0; i < operands.Length; i++)
        {
            var own = new Dictionary<int, int>();
            for (int axis = 0; axis < Inputs[i].Length; axis++)
            {
                int label = Inputs[i][axis], size = operands[i].Shape.Sizes[axis];
                if (!own.TryAdd(label, size) && own[label] != size)
                    throw new ShapeException($"Einsum: \"{Text}\" takes the diagonal of '{Name(label)}' in tensor {i}, {operands[i].Describe()}, whose sizes are {own[label]} and {size}. They must be equal.");
                int before = sizes.GetValueOrDefault(label, 1);
                if (before != 1 && size != 1 && before != size)
                    throw new ShapeException($"Einsum: '{Name(label)}' of \"{Text}\" is {before} in one tensor and {size} in tensor {i}, {operands[i].Describe()}. The sizes must be equal, or one of them 1.");
                sizes[label] = before == 1 ? size : before;
            }
        }
        return sizes;
    }

    private static string Name(int label) => label < 0 ? Dots : ((char)label).ToString();

    private static int[] Implicit(int[] known, int most)
        => [.. Open(most), .. known.Where(label => label > 0).GroupBy(label => label).Where(group => group.Count() == 1).Select(group => group.Key).Order()];

    private static int[] Explicit(string text, string term, int[] known, int most)
    {
        Letters(text, term);
        int[] output = Labels(term, most);
        foreach (int label in output)
        {
            if (label > 0 && !known.Contains(label))
                throw new ArgumentException($"Einsum: the result of \"{text}\" has '{Name(label)}', which no tensor has.", nameof(text));
            if (output.Count(other => other == label) > 1)
                throw new ArgumentException($"Einsum: the result of \"{text}\" has '{Name(label)}' twice. Name each axis once.", nameof(text));
        }
        return output;
    }

    /// <summary>How many letters a term has.</summary>
    private static int Letters(string text, string term)
    {
        int dots = term.IndexOf(Dots, StringComparison.Ordinal);
        string letters = dots < 0 ? term : term.Remove(dots, Dots.Length);
        foreach (char c in letters)
            if (!char.IsAsciiLetter(c))
                throw new ArgumentException($"Einsum: \"{text}\" has '{c}' in \"{term}\", where letters and once \"...\" may stand: \"ij,jk->ik\".", nameof(text));
        return letters.Length;
    }

    private static int[] Labels(string term, int spare)
    {
        int dots = term.IndexOf(Dots, StringComparison.Ordinal);
        if (dots < 0) return [.. term.Select(c => (int)c)];
        return [.. term[..dots].Select(c => (int)c), .. Open(spare), .. term[(dots + Dots.Length)..].Select(c => (int)c)];
    }

    /// <summary>The labels of so many axes without a letter.</summary>
    private static IEnumerable<int> Open(int count) => Enumerable.Range(-count, count);
}
