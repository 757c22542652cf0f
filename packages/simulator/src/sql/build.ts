import type {
  ColumnReference,
  Expression,
  FunctionCall,
  QueryNode,
  SelectNode,
  SubqueryTable,
  TableReference,
} from './syntax-tree.ts';

export function column(...names: string[]): ColumnReference {
  return { class: 'COLUMN_REF', type: 'COLUMN_REF', alias: '', column_names: names };
}

export function call(name: string, children: Expression[], filter?: Expression): FunctionCall {
  return {
    class: 'FUNCTION',
    type: 'FUNCTION',
    alias: '',
    function_name: name,
    schema: '',
    children,
    filter: filter ?? null,
    order_bys: { type: 'ORDER_MODIFIER', orders: [] },
    distinct: false,
    is_operator: false,
    export_state: false,
    catalog: '',
  };
}

export function distinctCall(name: string, argument: Expression, filter?: Expression) {
  return { ...call(name, [argument], filter), distinct: true };
}

export function integer(value: number): Expression {
  return {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    value: { type: { id: 'INTEGER', type_info: null }, is_null: false, value },
  };
}

export function text(value: string): Expression {
  return {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    value: { type: { id: 'VARCHAR', type_info: null }, is_null: false, value },
  };
}

export function nullConstant(): Expression {
  return {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    value: { type: { id: 'NULL', type_info: null }, is_null: true },
  };
}

export function cast(child: Expression, typeId: string): Expression {
  return {
    class: 'CAST',
    type: 'OPERATOR_CAST',
    alias: '',
    child,
    cast_type: { id: typeId, type_info: null },
    try_cast: false,
  };
}

export function isNotNull(child: Expression): Expression {
  return { class: 'OPERATOR', type: 'OPERATOR_IS_NOT_NULL', alias: '', children: [child] };
}

export function notEqual(left: Expression, right: Expression): Expression {
  return { class: 'COMPARISON', type: 'COMPARE_NOTEQUAL', alias: '', left, right };
}

export function and(...children: (Expression | null | undefined)[]): Expression | undefined {
  const present = children.filter((child) => child !== null && child !== undefined);
  if (present.length <= 1) return present[0];
  return { class: 'CONJUNCTION', type: 'CONJUNCTION_AND', alias: '', children: present };
}

export function as(node: Expression, alias: string): Expression {
  return { ...node, alias };
}

export function subqueryTable(
  node: QueryNode,
  alias: string,
  columnNames: string[] = [],
): SubqueryTable {
  return {
    type: 'SUBQUERY',
    alias,
    sample: null,
    subquery: { node },
    column_name_alias: columnNames,
  };
}

export function select(items: Expression[], from: TableReference, groups: Expression[]) {
  const node: SelectNode = {
    type: 'SELECT_NODE',
    modifiers: [],
    cte_map: { map: [] },
    select_list: items,
    from_table: from,
    where_clause: null,
    group_expressions: groups,
    group_sets: groups.length > 0 ? [groups.map((_, index) => index)] : [],
    aggregate_handling: 'STANDARD_HANDLING',
    having: null,
    sample: null,
    qualify: null,
  };
  return node;
}
