namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Sums of products in Einstein's notation: a letter for each axis, and what the result leaves out is summed over.</summary>
    /// <param name="equation">"ij,jk->ik" for a matrix product. A letter twice in one term takes the diagonal. "..." stands for the axes that a
    /// term has no letter for; they broadcast, aligned at the last one. Without "->" the result has those axes, then every letter that occurs
    /// once, capitals first. Spaces do not count.</param>
    /// <param name="operands">One tensor a term. Axes of one letter have one size, or 1.</param>
    /// <returns>The axes that the equation's right side names, in its order.</returns>
    /// <exception cref="ArgumentException">The equation is none, or has another number of terms than there are tensors.</exception>
    /// <exception cref="ShapeException">A term does not fit its tensor, or sizes of one letter disagree.</exception>
    /// <remarks>Computed by sums, permutations and matrix products, from left to right: put first what makes the result small.
    /// <code>
    /// Tensor.Einsum("bij,bjk->bik", a, b)        // matrix products of a batch
    /// Tensor.Einsum("bhqd,bhkd->bhqk", q, k)     // attention's scores
    /// Tensor.Einsum("ii", a)                     // a trace
    /// </code></remarks>
    public static Tensor Einsum(string equation, params ReadOnlySpan<Tensor> operands)
    {
        ArgumentNullException.ThrowIfNull(equation);
        if (operands.Length == 0) throw new ArgumentException("Einsum: there is no tensor.", nameof(operands));
        var terms = EinsumEquation.Parse(equation, operands);
        var sizes = terms.Sizes(operands);
        var parts = new Queue<EinsumTerm>();
        for (int i = 0; i < operands.Length; i++) parts.Enqueue(new EinsumTerm(operands[i], terms.Inputs[i]).WithoutRepeats().WithoutOnes(sizes));
        var y = Summed(parts.Dequeue(), parts);
        while (parts.TryDequeue(out var next)) y = y.Times(Summed(next, [.. parts, y]), Later(parts));
        return y.Ordered(terms.Output);

        // What no other term and not the result has is summed over before it is multiplied.
        EinsumTerm Summed(EinsumTerm term, IEnumerable<EinsumTerm> others) => term.SumTo(Later(others));

        HashSet<int> Later(IEnumerable<EinsumTerm> others) => [.. terms.Output, .. others.SelectMany(other => other.Labels)];
    }
}
